/** A row of a list of findings: how grave, what, and at the end when or how often. */
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { Severity } from '../lib/severity.ts';
import { ROW } from '../lib/use-keys.ts';
import { classNames } from './class-names.ts';
import { SeverityBadge } from './severity-badge.tsx';

interface ListRowProps {
  severity: Severity;
  /** The name of its link, which all of the row is. */
  title: ReactNode;
  href: string;
  /** Where the focus goes back to when its panel is closed; of rows that open a panel. */
  id?: string;
  /** Whether its panel is shown. */
  current?: boolean;
  /** At the end of the first line. */
  end: ReactNode;
  children: ReactNode;
}

export function ListRow(props: ListRowProps): ReactNode {
  const { severity, title, href, id, current = false, end, children } = props;
  return (
    <li
      className={classNames(
        'relative border-b border-line px-3 py-2.5 last:border-b-0',
        current ? 'bg-accent-soft' : 'hover:bg-hover',
      )}
    >
      <div className="flex flex-wrap items-start gap-x-3 gap-y-1 sm:flex-nowrap">
        <span className="w-[104px] shrink-0">
          <SeverityBadge severity={severity} />
        </span>
        <div className="min-w-0 flex-1 max-sm:order-last max-sm:basis-full">
          <Link
            href={href}
            // A page has fifty of them, and few are opened.
            prefetch={false}
            {...ROW}
            {...(id === undefined ? {} : { id, scroll: false })}
            {...(current ? { 'aria-current': 'true' } : {})}
            className={classNames(
              'block font-medium after:absolute after:inset-0',
              'focus-visible:outline-none focus-visible:after:outline-2',
              'focus-visible:after:outline-offset-[-2px]',
            )}
          >
            {title}
          </Link>
          {children}
        </div>
        <div className="shrink-0 text-right text-xs text-muted max-sm:ml-auto">{end}</div>
      </div>
    </li>
  );
}
