/** One incident in the list: which session, how grave, how much of it is still open. */
import type { IncidentItem } from '@vitrine/schema/api';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { severityOf } from '../../lib/severity.ts';
import { AlertStateBadge } from '../../ui/alert-state.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { Age } from '../../ui/time.tsx';

export function IncidentRow({ item }: { item: IncidentItem }): ReactNode {
  const { session, severity, state, alerts, open, last_t, host, rules, titles, assignees } = item;
  return (
    <ListRow
      href={paths.incident(session)}
      severity={severityOf(severity)}
      title={<SafeText text={session} />}
      end={<Age ns={last_t} className="relative z-10 tabular-nums" />}
    >
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
    </ListRow>
  );
}
