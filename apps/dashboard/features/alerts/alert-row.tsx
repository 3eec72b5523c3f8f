/** One alert in the list: what happened on the first line, where and when on the second. */

import { plainText } from '@vitrine/schema/text';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { AlertItem } from '../../lib/api/types.ts';
import { paths } from '../../lib/paths.ts';
import { ROW } from '../../lib/use-keys.ts';
import { AlertStateBadge } from '../../ui/alert-state.tsx';
import { classNames } from '../../ui/class-names.ts';
import { SafeText } from '../../ui/safe-text.tsx';
import { SeverityBadge } from '../../ui/severity-badge.tsx';
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
    <li
      className={classNames(
        'relative border-b border-line px-3 py-2.5 last:border-b-0',
        current ? 'bg-accent-soft' : 'hover:bg-hover',
      )}
    >
      <div className="flex flex-wrap items-start gap-x-3 gap-y-1 sm:flex-nowrap">
        <span className="w-[104px] shrink-0">
          <SeverityBadge severity={alert.severity} />
        </span>
        <div className="min-w-0 flex-1 max-sm:order-last max-sm:basis-full">
          <Link
            id={alertLinkId(alert.index)}
            {...ROW}
            href={paths.alerts({ ...filter, a: alert.index })}
            scroll={false}
            {...(current ? { 'aria-current': 'true' } : {})}
            className={classNames(
              'block font-medium after:absolute after:inset-0',
              'focus-visible:outline-none focus-visible:after:outline-2',
              'focus-visible:after:outline-offset-[-2px]',
            )}
          >
            <SafeText text={alert.title} />
          </Link>
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
        </div>
        <Age
          ns={alert.t}
          className="relative z-10 shrink-0 text-xs text-muted tabular-nums max-sm:ml-auto"
        />
      </div>
    </li>
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
