/** One incident in the list: which session, how grave, how much of it is still open. */
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { IncidentItem } from '../../lib/api/types.ts';
import { paths } from '../../lib/paths.ts';
import { severityOf } from '../../lib/severity.ts';
import { ROW } from '../../lib/use-keys.ts';
import { AlertStateBadge } from '../../ui/alert-state.tsx';
import { classNames } from '../../ui/class-names.ts';
import { SafeText } from '../../ui/safe-text.tsx';
import { SeverityBadge } from '../../ui/severity-badge.tsx';
import { Age } from '../../ui/time.tsx';

export function IncidentRow({ item }: { item: IncidentItem }): ReactNode {
  const { session, severity, state, alerts, open, last_t, host, rules, titles, assignees } = item;
  return (
    <li className="relative border-b border-line px-3 py-2.5 last:border-b-0 hover:bg-hover">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-1 sm:flex-nowrap">
        <span className="w-[104px] shrink-0">
          <SeverityBadge severity={severityOf(severity)} />
        </span>
        <div className="min-w-0 flex-1 max-sm:order-last max-sm:basis-full">
          <Link
            href={paths.incident(session)}
            {...ROW}
            className={classNames(
              'block font-medium after:absolute after:inset-0',
              'focus-visible:outline-none focus-visible:after:outline-2',
              'focus-visible:after:outline-offset-[-2px]',
            )}
          >
            <SafeText text={session} />
          </Link>
          <p className="text-sm text-muted">
            <SafeText text={titles.join(' · ')} />
          </p>
          <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
            <AlertStateBadge state={state} />
            <span>
              {alerts} {alerts === 1 ? 'alert' : 'alerts'}
              {open === 0 || open === alerts ? '' : `, ${open} open`}
            </span>
            <code>
              <SafeText text={rules.join(' ')} />
            </code>
            <span className="text-faint">
              <SafeText text={host?.name ?? 'unknown host'} />
            </span>
            {assignees.length === 0 ? null : <SafeText text={assignees.join(', ')} />}
          </p>
        </div>
        <Age ns={last_t} className="relative z-10 shrink-0 text-xs text-muted max-sm:ml-auto" />
      </div>
    </li>
  );
}
