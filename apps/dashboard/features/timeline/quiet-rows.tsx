/** Rows that stand for many records, or for none: folded routine reads, and silence. */
'use client';

import { memo, type ReactNode } from 'react';
import { clockText, durationText, utcText } from '../../lib/time.ts';
import { classNames } from '../../ui/class-names.ts';
import { ChevronRightIcon } from '../../ui/icons.tsx';
import { RowBadge } from '../proof/row-badge.tsx';
import { rowStateOf } from '../proof/row-state.ts';
import { RowFrame, type RowPlace } from './row-frame.tsx';
import { type FoldRow as Fold, foldWords, type SilenceRow as Silence } from './rows/display.ts';

export const FoldRow = memo(function FoldRow({
  fold,
  size,
  ...place
}: RowPlace & { fold: Fold; size: number }): ReactNode {
  const first = fold.items[0]!;
  return (
    <RowFrame {...place} className="text-faint">
      <span role="gridcell" className="cell-time" title={utcText(first.t)}>
        {clockText(first.t)}
      </span>
      <span role="gridcell" className="cell-quiet">
        <Opener open={fold.open}>
          <span className="truncate">{foldWords(fold)}</span>
          <span className="shrink-0 text-xs">{fold.open ? 'hide' : 'show'}</span>
        </Opener>
      </span>
      <span role="gridcell" className="cell-state">
        <FoldState fold={fold} size={size} />
      </span>
    </RowFrame>
  );
});

/** Of all its members: a broken one never stays folded, so that the rest is sealed or waits. */
function FoldState({ fold: { items }, size }: { fold: Fold; size: number }): ReactNode {
  const states = items.map((item) => rowStateOf(item, size));
  const worst = states.find(({ state }) => state !== 'sealed') ?? states[0]!;
  const reason = worst.state === 'sealed' ? `Each of the ${items.length} rows: ` : '';
  return <RowBadge state={worst.state} reason={reason + worst.reason} />;
}

export const SilenceRow = memo(function SilenceRow({
  silence,
  ...place
}: RowPlace & { silence: Silence }): ReactNode {
  const { beats, open, ms } = silence;
  const words = (
    <>
      <span className="shrink-0 font-medium">{`silence ${durationText(ms)}`}</span>
      <span className="truncate text-faint">{silenceWords(silence)}</span>
    </>
  );
  return (
    <RowFrame {...place} className="text-muted">
      <span role="gridcell" className="cell-time" title={utcText(silence.after.t)}>
        <span aria-hidden="true">┄</span>
      </span>
      <span role="gridcell" className="cell-quiet">
        {beats.length === 0 ? (
          <span className="flex min-w-0 gap-2 pl-6">{words}</span>
        ) : (
          <Opener open={open}>{words}</Opener>
        )}
        <span aria-hidden="true" className="silence-line" />
      </span>
    </RowFrame>
  );
});

function silenceWords({ beats, ongoing }: Silence): string {
  const soFar = ongoing ? ' so far' : '';
  if (beats.length === 0) return `no record at all${soFar}`;
  const count = `${beats.length} heartbeat${beats.length === 1 ? '' : 's'}`;
  return `nothing but ${count}${soFar}`;
}

/** Says what a press does; the press itself is the row's, as are the keys. */
function Opener({ open, children }: { open: boolean; children: ReactNode }): ReactNode {
  return (
    <button
      type="button"
      tabIndex={-1}
      aria-expanded={open}
      className="flex h-6 min-w-0 items-center gap-2 text-left"
    >
      <ChevronRightIcon className={classNames('size-4', open && 'rotate-90')} />
      {children}
    </button>
  );
}
