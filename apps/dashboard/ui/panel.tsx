/** A framed region with a name. */
import { type ReactNode, useId } from 'react';
import { classNames } from './class-names.ts';

interface PanelProps {
  /** The name of the region, shown as its heading. */
  title: ReactNode;
  /** Beside the heading, at the end of its line. */
  actions?: ReactNode;
  /** Without the inner margin: for tables and lists. */
  flush?: boolean;
  className?: string;
  children: ReactNode;
}

export function Panel({ title, actions, flush, className, children }: PanelProps): ReactNode {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className={classNames('rounded-lg border border-line bg-surface', className)}
    >
      <div
        className={classNames(
          'flex min-h-10 items-center justify-between gap-3 border-b border-line',
          'px-4 py-1.5',
        )}
      >
        <h2 id={id} className="text-sm font-semibold">
          {title}
        </h2>
        {actions}
      </div>
      <div className={flush ? '' : 'p-4'}>{children}</div>
    </section>
  );
}
