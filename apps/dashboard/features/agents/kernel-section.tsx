/**
 * What observers outside the agent saw while a tool call ran. Says with each event whether time
 * alone puts it here.
 */
'use client';

import type { EventItem } from '@vitrine/schema/api';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { durationText } from '../../lib/time.ts';
import { Badge } from '../../ui/badge.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { RowBadge } from '../proof/row-badge.tsx';
import { useRowState } from '../proof/use-row-state.ts';
import { countsOf, countWords, type Seen } from './tree/kernel.ts';

const SHOWN_MAX = 200;
const NS_PER_MS = 1_000_000n;
/** Most of what a program does is to read what it is made of. */
const READS = new Set(['file.open', 'file.read']);

interface SeenListProps {
  seen: Seen[];
  /** Unix nanoseconds: times are shown from here. */
  from: bigint;
  items: ReadonlyMap<number, EventItem>;
  size: number;
  /** Says of each what puts it here. */
  isAttributed: boolean;
}

/** Doings first; reads wait behind a line that counts them. */
export function SeenList({ seen, isAttributed, ...rest }: SeenListProps): ReactNode {
  const reads = seen.filter(({ event }) => READS.has(event.kind));
  const doings = seen.filter(({ event }) => !READS.has(event.kind));
  const list = (some: Seen[], label: string) => (
    <ol aria-label={label} className="flex flex-col">
      {some.slice(0, SHOWN_MAX).map((one) => {
        const { index } = one.event;
        const by = isAttributed ? BY[one.by] : undefined;
        const item = rest.items.get(index);
        return item && <SeenRow key={index} item={item} t={one.t} by={by} {...rest} />;
      })}
      {some.length > SHOWN_MAX && (
        <li className="py-1 text-xs text-muted">
          {some.length - SHOWN_MAX} more are in the timeline.
        </li>
      )}
    </ol>
  );
  return (
    <>
      <p className="text-sm font-medium tabular-nums">{countWords(countsOf(seen))}</p>
      {doings.length > 0 && list(doings, 'What was done')}
      {reads.length > 0 && (
        <details className="mt-1">
          <summary className="min-h-6 py-1 text-xs text-muted">
            {reads.length} {reads.length === 1 ? 'read' : 'reads'} of files
          </summary>
          {list(reads, 'What was read')}
        </details>
      )}
    </>
  );
}

const BY = { agent: 'names this agent', time: 'by time' };

interface SeenRowProps {
  item: EventItem;
  t: bigint;
  by: string | undefined;
  from: bigint;
  size: number;
}

function SeenRow({ item, t, by, from, size }: SeenRowProps): ReactNode {
  const { state, reason } = useRowState(item, size);
  const ms = Number((t - from) / NS_PER_MS);
  return (
    <li className="border-t border-line py-1.5 first:border-t-0">
      <Link
        href={paths.session(item.session, { e: item.index })}
        className="flex min-h-6 items-center text-sm hover:underline"
      >
        <SafeText text={item.title} className="font-mono text-xs" />
      </Link>
      <span className="mt-0.5 flex flex-wrap items-center gap-1.5 text-xs text-muted">
        <span className="tabular-nums">+{durationText(ms)}</span>
        <Badge>
          <SafeText text={item.vantage} />
        </Badge>
        {by !== undefined && <span>{by}</span>}
        <RowBadge state={state} reason={reason} />
      </span>
    </li>
  );
}
