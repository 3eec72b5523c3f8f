/**
 * One record an alert stands on. It is read anew from the log and held against the leaf hash that
 * the alert names; opening it leads to its place in the session, where the full proof runs.
 */
'use client';

import type { EventDetail } from '@vitrine/schema/api';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { ArrowRightIcon } from '../../ui/icons.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { Age } from '../../ui/time.tsx';
import { RowBadge } from '../proof/row-badge.tsx';
import { useRowState } from '../proof/use-row-state.ts';
import type { Evidence } from './alert.ts';
import { useEvidence } from './query.ts';

interface EvidenceRowProps {
  evidence: Evidence;
  /** The session the alert is about: where the record is shown even if it cannot be read here. */
  subject: string;
  size: number;
}

export function EvidenceRow({ evidence, subject, size }: EvidenceRowProps): ReactNode {
  const { data, error } = useEvidence(evidence);
  const session = data?.session ?? subject;
  return (
    <li className="group relative border-b border-line px-4 py-3 last:border-b-0 hover:bg-hover">
      <div className="flex items-start justify-between gap-3">
        <div className="min-w-0">
          <Link
            href={paths.session(session, { e: evidence.index, tab: 'proof' })}
            className="text-sm font-medium after:absolute after:inset-0"
          >
            Leaf {evidence.index}
            <span className="sr-only">: open and prove it</span>
          </Link>
          {data === undefined ? (
            <p className="mt-1 text-sm text-muted">
              {error === null ? 'Loading …' : `${error.message} ${error.hint}`}
            </p>
          ) : (
            <Record item={data} />
          )}
        </div>
        {data === undefined ? null : <State item={data} evidence={evidence} size={size} />}
      </div>
      <div className="mt-1.5 flex items-end justify-between gap-3 text-xs text-faint">
        <p className="min-w-0">
          <code className="[overflow-wrap:anywhere]">{evidence.leaf}</code> in {evidence.log}
        </p>
        <span
          aria-hidden="true"
          className="flex shrink-0 items-center gap-1 font-medium text-accent group-hover:underline"
        >
          Prove <ArrowRightIcon className="size-3" />
        </span>
      </div>
    </li>
  );
}

function Record({ item }: { item: EventDetail }): ReactNode {
  return (
    <p className="mt-1 text-sm text-muted">
      <SafeText text={item.title} />
      <span className="block text-xs text-faint">
        <SafeText text={item.kind} /> · seen by {item.vantage || 'the log itself'} ·{' '}
        <Age ns={item.t} className="relative z-10" />
      </span>
    </p>
  );
}

function State({
  item,
  evidence,
  size,
}: {
  item: EventDetail;
  evidence: Evidence;
  size: number;
}): ReactNode {
  const standing = useRowState(item, size);
  if (item.leaf === evidence.leaf && item.index === evidence.index) {
    return <RowBadge {...standing} />;
  }
  const reason =
    'The record at this place has another leaf hash than the one the alert was made of: ' +
    `${item.leaf} instead of ${evidence.leaf}.`;
  return (
    <div className="max-w-[50%] text-right">
      <RowBadge state="broken" reason={reason} />
      <p className="mt-1 text-xs text-broken [overflow-wrap:anywhere]">{reason}</p>
    </div>
  );
}
