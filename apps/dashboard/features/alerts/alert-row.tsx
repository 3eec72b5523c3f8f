/** One alert in the list: what happened on the first line, where and when on the second. */

import type { AlertItem } from '@vitrine/schema/api';
import { plainText } from '@vitrine/schema/text';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { AlertStateBadge } from '../../ui/alert-state.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { Age } from '../../ui/time.tsx';
import { alertOf } from './alert.ts';
import { verdictText } from './deeds.ts';
import type { AlertFilter } from './query.ts';

interface AlertRowProps {
  item: AlertItem;
  filter: AlertFilter;
  /** Whether its detail is shown. */
  current: boolean;
}

export function AlertRow({ item, filter, current }: AlertRowProps): ReactNode {
  const alert = alertOf(item);
  const { state, assignee, verdict } = item.triage;
  return (
    <ListRow
      id={alertLinkId(alert.index)}
      href={paths.alerts({ ...filter, a: alert.index })}
      severity={alert.severity}
      title={<SafeText text={alert.title} />}
      current={current}
      end={<Age ns={alert.t} className="relative z-10 tabular-nums" />}
    >
      <p className="truncate text-sm text-muted" title={plainText(alert.what)}>
        <SafeText text={alert.what} />
      </p>
      <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-faint">
        <AlertStateBadge state={state} />
        {verdict === null ? null : <span>{verdictText(verdict)}</span>}
        {assignee === null ? null : <SafeText text={assignee} className="text-muted" />}
        <code>{plainText(alert.rule)}</code>
        <SafeText text={alert.subject} />
        <SafeText text={alert.host.name ?? 'unknown host'} />
      </p>
    </ListRow>
  );
}

/** Where the focus goes back to when its detail is closed. */
export function alertLinkId(index: number): string {
  return `alert-${index}`;
}

const SKELETON_ROWS = [0, 1, 2, 3, 4];

export function AlertRowsSkeleton(): ReactNode {
  return (
    <div role="status">
      <span className="sr-only">The alerts are loading.</span>
      {SKELETON_ROWS.map((row) => (
        <div key={row} className="flex h-[85px] gap-3 border-b border-line px-3 py-3">
          <div className="skeleton h-4 w-[92px]" />
          <div className="flex flex-1 flex-col gap-2.5">
            <div className="skeleton h-4 w-2/5" />
            <div className="skeleton h-3 w-4/5" />
            <div className="skeleton h-3 w-1/3" />
          </div>
        </div>
      ))}
    </div>
  );
}
