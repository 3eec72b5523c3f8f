/** The list itself: an ARIA grid whose rows lie on a canvas, of which only those in sight exist. */
'use client';

import { type KeyboardEvent, type MouseEvent, type ReactNode, useMemo } from 'react';
import { EventRow } from './event-row.tsx';
import type { Evidence } from './queries.ts';
import { FoldRow, SilenceRow } from './quiet-rows.tsx';
import type { RowPlace } from './row-frame.tsx';
import { type Row, spanOf } from './rows/display.ts';
import { isWithin, type LeafRange } from './rows/leaf-range.ts';
import type { CanvasView } from './use-canvas.ts';
import type { TimelineState } from './window/timeline.ts';

interface GridProps {
  label: string;
  state: TimelineState;
  rows: readonly Row[];
  view: CanvasView;
  rowPx: number;
  /** Place of the row that keys act on among `rows`; -1: none. */
  cursor: number;
  /** Leaf index of the opened event. */
  opened: number | null;
  evidence: Evidence;
  total: number | undefined;
  marked: LeafRange | undefined;
  onRow(at: number, marks: boolean): void;
  onKeyDown(event: KeyboardEvent<HTMLDivElement>): void;
}

export function Grid(props: GridProps): ReactNode {
  const { state, rows, view, rowPx, cursor } = props;
  const { from, to } = view.range;
  const shown = useMemo(() => {
    const places = Array.from({ length: to - from }, (_, i) => from + i);
    // The row with the focus stays on the page, wherever it has been scrolled to.
    if (cursor >= 0 && cursor < rows.length && (cursor < from || cursor >= to)) places.push(cursor);
    return places;
  }, [from, to, cursor, rows.length]);
  const counting = countingOf(state, props.total);
  const onClick = ({ target, shiftKey }: MouseEvent<HTMLDivElement>): void => {
    const row = (target as Element).closest<HTMLElement>('[data-row]');
    if (row === null) return;
    const at = rows.findIndex(({ key }) => key === row.dataset.row);
    if (at >= 0) props.onRow(at, shiftKey);
  };
  return (
    <div
      role="grid"
      aria-label={props.label}
      aria-rowcount={counting.count}
      aria-busy={state.opening}
      aria-multiselectable="true"
      className="flex min-h-0 flex-1 flex-col"
      onKeyDown={props.onKeyDown}
      onClick={onClick}
      // Rows are marked with Shift, not their texts.
      onMouseDown={(event) => event.shiftKey && event.preventDefault()}
    >
      <div role="rowgroup" className="timeline-head">
        <Head />
      </div>
      <div
        role="rowgroup"
        ref={view.attach}
        onScroll={view.onScroll}
        className="timeline-scroller"
        data-timeline-scroller=""
      >
        <div
          role="presentation"
          className="timeline-canvas"
          style={{ height: view.heightPx, backgroundSize: `100% ${rowPx}px` }}
        >
          {shown.map((at) => (
            <AnyRow key={rows[at]!.key} {...props} at={at} above={counting.above} />
          ))}
        </div>
      </div>
    </div>
  );
}

const HEADS = [
  ['cell-time', 'Time'],
  ['cell-vantage', 'Vantage'],
  ['cell-kind', 'Kind'],
  ['cell-title', 'Event'],
  ['cell-by', 'By'],
  ['cell-state', 'State'],
] as const;

function Head(): ReactNode {
  return (
    <div role="row" aria-rowindex={1} className="timeline-row h-8 text-xs text-faint">
      {HEADS.map(([name, word]) => (
        <span key={word} role="columnheader" className={`${name} font-sans!`}>
          {word}
        </span>
      ))}
    </div>
  );
}

interface Counting {
  /** `aria-rowcount`: all events and the header; -1 while nobody knows. */
  count: number;
  /** Events above the loaded ones; 0 while nobody knows. */
  above: number;
}

function countingOf({ items, startReached, endReached }: TimelineState, total?: number): Counting {
  const loaded = items.length;
  if (startReached && endReached) return { count: loaded + 1, above: 0 };
  if (total === undefined || total < loaded) return { count: -1, above: 0 };
  if (startReached) return { count: total + 1, above: 0 };
  if (endReached) return { count: total + 1, above: total - loaded };
  return { count: -1, above: 0 };
}

function AnyRow(props: GridProps & { at: number; above: number }): ReactNode {
  const { at, rows, view, rowPx, state, opened } = props;
  const row = rows[at]!;
  const place: RowPlace = {
    rowKey: row.key,
    topPx: (view.canvas.top + at) * rowPx,
    heightPx: rowPx,
    ariaIndex: row.type === 'silence' ? undefined : props.above + ordinalOf(state, row) + 2,
    isCursor: at === props.cursor,
    isOpened: row.type === 'event' && row.item.index === opened,
    isMarked: isWithin(props.marked, spanOf(row)[0]),
  };
  if (row.type === 'fold') {
    const size = Math.min(state.size, row.items.at(-1)!.index + 1);
    return <FoldRow {...place} fold={row} size={size} />;
  }
  if (row.type === 'silence') return <SilenceRow {...place} silence={row} />;
  const { item, inFold } = row;
  // What lies below the published size stays so: the row need not be drawn again as it grows.
  const size = Math.min(state.size, item.index + 1);
  const alert = props.evidence.get(item.index);
  return <EventRow {...place} item={item} inFold={inFold} size={size} alert={alert} />;
}

/** How many loaded events come before a row's own. */
function ordinalOf({ items }: TimelineState, row: Row): number {
  const place = Math.ceil(spanOf(row)[0]);
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle]!.index < place) low = middle + 1;
    else high = middle;
  }
  return low;
}
