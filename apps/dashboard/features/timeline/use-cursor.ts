/**
 * The row that keys act on: where it is, how it moves, and that it has the focus. It is a place
 * among leaf indices, so that it stays with its row whatever is loaded around it.
 */
'use client';

import {
  type KeyboardEvent,
  type RefObject,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { type Row, rowAt, spanOf } from './rows/display.ts';
import { type Command, commandOf, takesKeys } from './rows/keys.ts';
import type { LeafRange } from './rows/leaf-range.ts';
import { Marking } from './rows/marking.ts';
import type { CanvasView } from './use-canvas.ts';
import type { Rows } from './use-rows.ts';
import type { Timeline, TimelineState } from './window/timeline.ts';

interface CursorOptions extends Rows {
  timeline: Timeline;
  state: TimelineState;
  view: CanvasView;
  opened: number | null;
  /** Where the address leads. */
  linked: number | null;
  onOpen(index: number | null): void;
  /** Puts the focus into the text filter. */
  onFilter(): void;
  /** Marks leaves together. */
  onMark(range: LeafRange): void;
  /** The element that holds the grid. */
  box: RefObject<HTMLElement | null>;
}

export interface Cursor {
  /** Among `rows`; -1: there are none. */
  at: number;
  /** `marks`: with all rows from the cursor to there. */
  onRow(at: number, marks: boolean): void;
  onKeyDown(event: KeyboardEvent<HTMLDivElement>): void;
  /** To a row, without opening what was not open. */
  go(at: number): void;
  /** To the first event of all; the focus stays where it is. */
  first(): void;
  /** To the next or previous event, which is opened. */
  step(by: 1 | -1): void;
  /** Whether there is an event that way among those loaded. */
  canStep(by: 1 | -1): boolean;
  focus(): void;
}

export function useCursor(options: CursorOptions): Cursor {
  const { rows, state, opened } = options;
  const [place, setPlace] = useState<number | null>(options.linked);
  const { at: openedAt } = state.place;
  const resting = openedAt === 'start' ? 0 : rows.length - 1;
  const at = place === null ? resting : rowAt(rows, place);
  const latest = useRef<Now>({ ...options, at });
  useEffect(() => {
    latest.current = { ...options, at };
  });
  // Back, forward and links open an event elsewhere: the cursor goes there.
  useEffect(() => {
    if (opened !== null) setPlace(opened);
  }, [opened]);
  const focus = useCallback(() => focusCursor(latest.current.box.current), []);
  const focusSoon = useFocusSoon(state.generation, focus);
  const moves = useMemo(
    () => movesOf(() => latest.current, setPlace, focusSoon, focus),
    [focusSoon, focus],
  );
  useGlobalKeys(moves.run);
  const onKeyDown = useCallback(
    (event: KeyboardEvent<HTMLDivElement>) => obey(event.nativeEvent, true, moves.run),
    [moves],
  );
  const eventFrom = (by: 1 | -1): number => nextEvent(rows, at, by);
  return {
    at,
    onRow: moves.onRow,
    onKeyDown,
    go: (to) => moves.moveTo(to, false),
    first: () => moves.toEdge('first', false),
    step: (by) => moves.moveTo(eventFrom(by), false),
    canStep: (by) => eventFrom(by) !== at,
    focus,
  };
}

type Now = CursorOptions & { at: number };

interface Moves {
  moveTo(at: number, focus: boolean): void;
  onRow(at: number, marks: boolean): void;
  run(command: Command): void;
  toEdge(command: 'first' | 'last', focus: boolean): void;
}

/** What the cursor can do. `now`: how things stand when it does it. */
function movesOf(
  now: () => Now,
  setPlace: (place: number | null) => void,
  focusSoon: (generation: number) => void,
  focus: () => void,
): Moves {
  const moveTo = (next: number, withFocus: boolean): void => {
    const { rows, view, opened, onOpen, state } = now();
    const to = Math.min(rows.length - 1, Math.max(0, next));
    const row = rows[to];
    if (row === undefined) return;
    if (withFocus) focusSoon(state.generation);
    setPlace(spanOf(row)[0]);
    view.scroller.reveal(to);
    if (opened !== null && row.type === 'event') onOpen(row.item.index);
  };
  const marking = new Marking();
  const markTo = (to: number): void => {
    const { rows, at, onMark } = now();
    const [from, row] = [rows[at], rows[Math.min(rows.length - 1, Math.max(0, to))]];
    if (from === undefined || row === undefined) return;
    onMark(marking.extend(from, row));
    moveTo(to, true);
  };
  const activate = (row: Row | undefined): void => {
    if (row === undefined) return;
    const { opened, onOpen, toggle } = now();
    if (row.type === 'event') {
      setPlace(row.item.index);
      if (row.item.index !== opened) onOpen(row.item.index);
      return;
    }
    // The row that folds stays the chosen one, whether its members are shown or not.
    setPlace(spanOf({ ...row, open: true })[0]);
    toggle(row);
  };
  /** The first or last event of all, loaded or not. */
  const toEdge = (command: 'first' | 'last', withFocus: boolean): void => {
    const { rows, state, timeline } = now();
    const first = command === 'first';
    if (first ? state.startReached : state.endReached) {
      moveTo(first ? 0 : rows.length - 1, withFocus);
      return;
    }
    setPlace(null);
    if (withFocus) focusSoon(state.generation + 1);
    void timeline.open({ at: first ? 'start' : 'end' });
  };
  const run = (command: Command): void => {
    const { rows, view, at, opened, onOpen, onFilter } = now();
    const by = stepOf(command, view.scroller.rowsInSight - 1);
    const row = rows[at];
    if (by !== undefined) moveTo(at + by, true);
    else if (command === 'mark-next' || command === 'mark-previous') {
      markTo(at + (command === 'mark-next' ? 1 : -1));
    } else if (command === 'first' || command === 'last') toEdge(command, true);
    else if (command === 'open') activate(row);
    else if (command === 'filter') onFilter();
    else if (command === 'close') {
      if (opened !== null) onOpen(null);
      focus();
    } else if (row !== undefined && row.type !== 'event' && row.open === (command === 'fold')) {
      activate(row);
    }
  };
  const onRow = (at: number, marks: boolean): void =>
    marks ? markTo(at) : activate(now().rows[at]);
  return { moveTo, onRow, run, toEdge };
}

function stepOf(command: Command, page: number): number | undefined {
  const steps: Partial<Record<Command, number>> = {
    next: 1,
    previous: -1,
    'page-down': page,
    'page-up': -page,
  };
  return steps[command];
}

/** Gives the chosen row the focus once the rows of a generation are on the page. */
function useFocusSoon(generation: number, focus: () => void): (generation: number) => void {
  const wanted = useRef<number | undefined>(undefined);
  useEffect(() => {
    if (wanted.current === undefined || generation < wanted.current) return;
    wanted.current = undefined;
    focus();
  });
  return useCallback((from: number) => {
    wanted.current = from;
  }, []);
}

/** The next event that way; where there is none, the row itself. */
function nextEvent(rows: readonly Row[], at: number, by: 1 | -1): number {
  for (let next = at + by; next >= 0 && next < rows.length; next += by) {
    if (rows[next]!.type === 'event') return next;
  }
  return at;
}

function focusCursor(box: HTMLElement | null): void {
  box?.querySelector<HTMLElement>('[role="row"][tabindex="0"]')?.focus({ preventScroll: true });
}

function useGlobalKeys(run: (command: Command) => void): void {
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => obey(event, false, run);
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [run]);
}

function obey(
  event: globalThis.KeyboardEvent,
  inGrid: boolean,
  run: (command: Command) => void,
): void {
  if (event.defaultPrevented) return;
  const target = event.target as HTMLElement;
  const { key, altKey, ctrlKey, metaKey, shiftKey } = event;
  const typing = takesKeys(target.tagName, target.isContentEditable);
  const command = commandOf({ key, altKey, ctrlKey, metaKey, shiftKey, typing, inGrid });
  if (command === undefined) return;
  event.preventDefault();
  run(command);
}
