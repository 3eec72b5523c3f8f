/** The two ways to look at alerts: one by one, and by the session they are about. */
import Link from 'next/link';
import type { ReactNode } from 'react';
import { paths } from '../lib/paths.ts';
import { classNames } from './class-names.ts';

export function InboxViews({ view }: { view: 'alerts' | 'incidents' }): ReactNode {
  return (
    <nav aria-label="Alerts by" className="flex rounded-md border border-line p-0.5">
      <View href={paths.alerts()} here={view === 'alerts'}>
        One by one
      </View>
      <View href={paths.incidents()} here={view === 'incidents'}>
        By incident
      </View>
    </nav>
  );
}

interface ViewProps {
  href: string;
  here: boolean;
  children: ReactNode;
}

function View({ href, here, children }: ViewProps): ReactNode {
  return (
    <Link
      href={href}
      {...(here ? { 'aria-current': 'page' } : {})}
      className={classNames(
        'flex h-7 items-center rounded px-2.5 text-xs font-medium',
        here ? 'bg-raised text-text' : 'text-muted hover:text-text',
      )}
    >
      {children}
    </Link>
  );
}
