/** The list's scrolling in React: which rows to draw, where, and what to read next. */
'use client';

import {
  TIMELINE_FIRST_ROWS,
  TIMELINE_PAGE_ROWS,
  TIMELINE_UNSCROLLED_ROWS_MAX,
} from '@vitrine/schema/record';
import { useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useState } from 'react';
import {
  type Canvas,
  canvasRows,
  layCanvas,
  type Range,
  rowsWithin,
  wanted,
} from './rows/canvas.ts';
import type { Row } from './rows/display.ts';
import { Drawing } from './rows/drawing.ts';
import { Scroller, type Sight } from './scroller.ts';
import type { Timeline, TimelineState } from './window/timeline.ts';
import type { Place } from './window/window.ts';

/** Rows drawn beyond those in sight, so that a quick flick shows no empty canvas. */
const SPARE_ROWS = 8;
/** Rows before an end of the loaded ones at which more are read. */
const AHEAD_ROWS = 150;
/** Once a frame has shown the rows before; its own task is left to layout and paint. */
const NEXT_ROWS_MS = 16;
/** A thumb that is dragged passes many places: only where it rests is read. */
const REST_MS = 120;
/** Nearer than this to an end of the canvas, the end itself is meant. */
const END_PART = 0.002;

export interface CanvasView {
  attach(element: HTMLDivElement | null): void;
  scroller: Scroller;
  canvas: Canvas;
  /** Rows to draw. */
  range: Range;
  heightPx: number;
  toEnd(): void;
  onScroll(): void;
}

export function useCanvas(
  timeline: Timeline,
  state: TimelineState,
  rows: readonly Row[],
  rowPx: number,
  total: number | undefined,
): CanvasView {
  const [scroller] = useState(() => new Scroller(rowPx));
  const [sight, setSight] = useState<Sight>({ first: 0, last: 0 });
  const { generation, startReached, endReached, place, size } = state;
  const events = state.items.length;
  scroller.rowPx = rowPx;

  const { canvas, shift } = useMemo(
    () =>
      layCanvas(
        { rows: rows.length, events, startReached, endReached, total },
        scroller.anchor(rows, generation, place),
        partOf(place, size),
      ),
    [scroller, rows, events, generation, startReached, endReached, total, place, size],
  );
  const look = useCallback(() => {
    const now = scroller.sight();
    setSight((old) => (old.first === now.first && old.last === now.last ? old : now));
  }, [scroller]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another row height is another sight
  useLayoutEffect(() => {
    scroller.settle({ canvas, rows, generation }, shift, place, endReached);
    look();
  }, [scroller, canvas, shift, rows, generation, place, endReached, look, rowPx]);
  const attach = useSized(scroller, look);
  useReading(timeline, state, canvas, sight, scroller);
  useEffect(() => {
    if (scroller.following && endReached && state.fresh > 0) timeline.seen();
  }, [timeline, scroller, endReached, state.fresh]);
  const onScroll = useCallback(() => {
    scroller.moved();
    look();
    if (scroller.following && timeline.state().endReached) timeline.seen();
    else timeline.look(scroller.index);
  }, [timeline, scroller, look]);
  const toEnd = useCallback(() => {
    if (timeline.state().endReached) scroller.toEnd();
    else void timeline.open({ at: 'end' });
  }, [timeline, scroller]);
  const range = useDrawn(rows, rowsWithin(canvas, sight.first, sight.last, SPARE_ROWS));
  const heightPx = canvasRows(canvas) * rowPx;
  return { attach, scroller, canvas, range, heightPx, toEnd, onScroll };
}

/** Of the rows that belong on the page: those to draw now; the rest follows frame by frame. */
function useDrawn(rows: readonly Row[], range: Range): Range {
  const [drawing] = useState(() => new Drawing());
  const [, again] = useReducer((count: number) => count + 1, 0);
  const now = drawing.next(rows, range);
  useLayoutEffect(() => {
    drawing.commit(rows, now);
    if (now.from <= range.from && now.to >= range.to) return;
    const next = setTimeout(again, NEXT_ROWS_MS);
    return () => clearTimeout(next);
  });
  return now;
}

/** Looks again whenever the list gets another height. */
function useSized(scroller: Scroller, look: () => void): (element: HTMLDivElement | null) => void {
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  useEffect(() => {
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      scroller.measure();
      look();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, element, look]);
  return useCallback(
    (next: HTMLDivElement | null) => {
      scroller.attach(next);
      scroller.measure();
      setElement(next);
    },
    [scroller],
  );
}

/** Reads on where the reader comes near an end of what is loaded. */
function useReading(
  timeline: Timeline,
  state: TimelineState,
  canvas: Canvas,
  sight: Sight,
  scroller: Scroller,
): void {
  const { startReached, endReached, opening, failure } = state;
  const events = state.items.length;
  useEffect(() => {
    if (opening || failure !== undefined || sight.last === 0) return;
    // Nobody has scrolled: only what is needed to fill the screen, in small pages.
    const first = !scroller.scrolled;
    if (first && events >= TIMELINE_UNSCROLLED_ROWS_MAX) return;
    const ends = { startReached, endReached };
    const want = wanted(canvas, ends, sight.first, sight.last, first ? 1 : AHEAD_ROWS);
    if (want.do === 'more') {
      void timeline.more(want.side, first ? TIMELINE_FIRST_ROWS : TIMELINE_PAGE_ROWS);
    }
    if (want.do !== 'jump') return;
    const timer = setTimeout(() => jump(timeline, canvas, sight, scroller), REST_MS);
    return () => clearTimeout(timer);
  }, [timeline, canvas, sight, startReached, endReached, opening, failure, events, scroller]);
}

function jump(timeline: Timeline, canvas: Canvas, sight: Sight, scroller: Scroller): void {
  const part = sight.first / Math.max(1, canvasRows(canvas) - (sight.last - sight.first));
  if (part < END_PART) void timeline.open({ at: 'start' });
  else if (part > 1 - END_PART) void timeline.open({ at: 'end' });
  else {
    scroller.jumpRow = sight.first;
    void timeline.jump(part);
  }
}

function partOf(place: Place, size: number): number {
  if (place.at === 'index') return size === 0 ? 0 : Math.min(1, place.index / size);
  return place.at === 'start' ? 0 : 1;
}
