/** One event as one line: when, who saw it, what, by whom, and whether it can be believed. */
'use client';

import type { EventItem } from '@vitrine/schema/api';
import { plainText } from '@vitrine/schema/text';
import { memo, type ReactNode } from 'react';
import { clockText, utcText } from '../../lib/time.ts';
import { classNames } from '../../ui/class-names.ts';
import { AlertIcon } from '../../ui/icons.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { VantageMark } from '../../ui/vantage-mark.tsx';
import { RowBadge } from '../proof/row-badge.tsx';
import { useRowState } from '../proof/use-row-state.ts';
import { type RowEdge, RowFrame, type RowPlace } from './row-frame.tsx';
import { type Facts, factsOf } from './rows/facts.ts';

interface EventRowProps extends RowPlace {
  item: EventItem;
  /** Published size of the log, as far as it matters to this row. */
  size: number;
  inFold: boolean;
  /** The alert that rests on this event. */
  alert: string | undefined;
}

const DENIED = 1;
const LOSS = 2;

export const EventRow = memo(function EventRow(props: EventRowProps): ReactNode {
  const { item, size, inFold, alert, ...place } = props;
  const { state, reason } = useRowState(item, size);
  const facts = factsOf(item);
  const isLoss = facts.isLoss || state === 'gap';
  const severity = severityOf(item.severity, isLoss);
  return (
    <RowFrame
      {...place}
      className={classNames(
        state === 'broken' && 'bg-broken-soft',
        state !== 'broken' && isLoss && 'bg-gap-soft',
      )}
      edge={edgeOf(item.severity, state, isLoss, alert !== undefined)}
    >
      <span role="gridcell" className="cell-time" title={utcText(item.t)}>
        {clockText(item.t)}
      </span>
      <span role="gridcell" className="cell-vantage">
        <VantageMark vantage={item.vantage} />
      </span>
      <span role="gridcell" className="cell-kind">
        <SafeText text={item.kind} />
      </span>
      <span
        role="gridcell"
        className={classNames('cell-title', inFold && 'pl-4')}
        {...(facts.ending === '' ? {} : { 'aria-label': nameOf(facts, alert, severity) })}
      >
        {alert === undefined ? null : <Evidence alert={alert} />}
        <Severity word={severity} />
        <span
          title={plainText(item.title)}
          className={classNames('flex min-w-0', isLoss && 'font-medium text-gap')}
        >
          <SafeText text={facts.subject} className="truncate" />
          {facts.ending === '' ? null : <SafeText text={facts.ending} className="shrink-0" />}
        </span>
      </span>
      <span role="gridcell" className="cell-by" title={plainText(facts.by)}>
        <SafeText text={facts.by} />
      </span>
      <span role="gridcell" className="cell-state">
        <RowBadge state={state} reason={reason} />
      </span>
    </RowFrame>
  );
});

function Evidence({ alert }: { alert: string }): ReactNode {
  return (
    <span
      title={plainText(`Evidence of an alert: ${alert}`)}
      className={classNames(
        'inline-flex h-5 shrink-0 items-center gap-1 rounded bg-high-soft px-1.5',
        'text-xs font-medium text-high',
      )}
    >
      <AlertIcon className="size-3" />
      alert
    </span>
  );
}

/** A text that is shown in two pieces is read aloud in one. */
function nameOf({ subject, ending }: Facts, alert: string | undefined, severity: string): string {
  const words = [alert === undefined ? '' : 'alert', severity, plainText(subject + ending)];
  return words.filter((word) => word !== '').join(' ');
}

/** Severities of alerts themselves never stand here: they lie in the log's own session. */
function severityOf(rank: number, isLoss: boolean): string {
  if (rank < DENIED) return '';
  if (isLoss || rank === LOSS) return 'loss';
  return rank === DENIED ? 'denied' : `severity ${rank}`;
}

function Severity({ word }: { word: string }): ReactNode {
  if (word === '') return null;
  return (
    <span
      className={classNames(
        'inline-flex h-5 shrink-0 items-center rounded px-1.5 text-xs font-medium',
        word === 'loss' ? 'text-gap ring-1 ring-gap ring-inset' : 'bg-medium-soft text-medium',
      )}
    >
      {word}
    </span>
  );
}

function edgeOf(severity: number, state: string, isLoss: boolean, isEvidence: boolean): RowEdge {
  if (state === 'broken') return 'broken';
  if (isEvidence) return 'alert';
  if (isLoss) return 'loss';
  return severity >= DENIED ? 'denied' : undefined;
}
