/** The top of a page: its one heading, what it shows, what can be done. */
import type { ReactNode } from 'react';

interface PageHeaderProps {
  /** Where it belongs: a link to the list it is one of. */
  above?: ReactNode;
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
}

export function PageHeader({ above, title, description, actions }: PageHeaderProps): ReactNode {
  return (
    <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3 pb-4">
      <div className="min-w-0">
        {above === undefined ? null : <p className="mb-0.5 text-sm">{above}</p>}
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        {description === undefined ? null : (
          <div className="mt-0.5 text-sm text-muted">{description}</div>
        )}
      </div>
      {actions === undefined ? null : (
        <div className="flex flex-wrap items-center gap-2">{actions}</div>
      )}
    </div>
  );
}

/** The width and margins of an ordinary page. */
export function PageBody({ children }: { children: ReactNode }): ReactNode {
  return <div className="mx-auto w-full max-w-[1440px] px-4 py-5 sm:px-6">{children}</div>;
}
