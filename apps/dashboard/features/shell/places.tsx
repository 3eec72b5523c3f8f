/** The main navigation. */
import Link from 'next/link';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { classNames } from '../../ui/class-names.ts';

export function Places({ pathname }: { pathname: string }): ReactNode {
  const inSession = pathname.startsWith('/s/');
  return (
    <nav
      aria-label="Main"
      className={classNames(
        'order-last flex w-full flex-wrap items-center gap-x-0.5 pb-1.5 max-lg:-mx-1.5',
        'sm:gap-x-1 lg:order-none lg:w-auto lg:pb-0',
      )}
    >
      <Place href={paths.sessions()} here={pathname === paths.sessions() || inSession}>
        Sessions
      </Place>
      <Place
        href={paths.alerts()}
        here={pathname === paths.alerts() || pathname.startsWith(paths.incidents())}
      >
        Alerts
      </Place>
      <Place href={paths.rules()} here={pathname === paths.rules()}>
        Rules
      </Place>
      <Place href={paths.approvals()} here={pathname === paths.approvals()}>
        Approvals
      </Place>
      <Place href={paths.sources()} here={pathname === paths.sources()}>
        Sources
      </Place>
      <Place href={paths.connectors()} here={pathname === paths.connectors()}>
        Connectors
      </Place>
    </nav>
  );
}

interface PlaceProps {
  href: string;
  here: boolean;
  children: ReactNode;
}

function Place({ href, here, children }: PlaceProps): ReactNode {
  return (
    <Link
      href={href}
      {...(here ? { 'aria-current': 'page' } : {})}
      className={classNames(
        'flex h-8 items-center rounded-md px-1 text-xs font-medium max-sm:tracking-tight',
        'sm:px-2.5 sm:text-sm',
        here ? 'bg-raised text-text' : 'text-muted hover:text-text',
      )}
    >
      {children}
    </Link>
  );
}
