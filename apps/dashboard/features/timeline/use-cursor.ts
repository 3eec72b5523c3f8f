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
  useRef,
  useState,
} from 'react';
import { type Row, rowAt, spanOf } from './rows/display.ts';
import { type Command, commandOf, takesKeys } from './rows/keys.ts';
import type { CanvasView } from './use-canvas.ts';
import type { Rows } from './use-rows.ts';
import type { Timeline, TimelineState } from './window/timeline.ts';

interface CursorOptions extends Rows {
  timeline: Timeline;
  state: TimelineState;
  view: CanvasView;
  opened: number | null;
  onOpen(index: number | null): void;
  /** Puts the focus into the text filter. */
  onFilter(): void;
  /** The element that holds the grid. */
  box: RefObject<HTMLElement | null>;
}

export interface Cursor {
  /** Among `rows`; -1: there are none. */
  at: number;
  onRow(at: number): void;
  onKeyDown(event: KeyboardEvent<HTMLDivElement>): void;
  /** To the next or previous event, which is opened. */
  step(by: 1 | -1): void;
  /** Whether there is an event that way among those loaded. */
  canStep(by: 1 | -1): boolean;
  focus(): void;
}

export function useCursor(options: CursorOptions): Cursor {
  const { rows, state, opened, timeline } = options;
  const [place, setPlace] = useState<number | null>(opened);
  const wantsFocus = useRef(false);
  const { at: openedAt } = state.place;
  const resting = openedAt === 'start' ? 0 : rows.length - 1;
  const at = place === null ? resting : rowAt(rows, place);
  const latest = useRef({ ...options, at });
  useEffect(() => {
    latest.current = { ...options, at };
  });
  // Back, forward and links open an event elsewhere: the cursor goes there.
  useEffect(() => {
    if (opened !== null) setPlace(opened);
  }, [opened]);

  const moveTo = useCallback((next: number, focus: boolean) => {
    const { rows, view, opened, onOpen } = latest.current;
    const row = rows[Math.min(rows.length - 1, Math.max(0, next))];
    if (row === undefined) return;
    wantsFocus.current = focus;
    setPlace(spanOf(row)[0]);
    view.scroller.reveal(rows.indexOf(row));
    if (opened !== null && row.type === 'event') onOpen(row.item.index);
  }, []);
  const focus = useCallback(() => focusCursor(latest.current.box.current), []);
  useEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    focus();
  });
  const activate = useCallback((row: Row | undefined) => {
    if (row === undefined) return;
    const { opened, onOpen, toggle } = latest.current;
    if (row.type !== 'event') toggle(row);
    else if (row.item.index !== opened) onOpen(row.item.index);
  }, []);
  const run = useCallback(
    (command: Command) => {
      const now = latest.current;
      const { rows, view, at } = now;
      const page = view.scroller.rowsInSight - 1;
      const by = { next: 1, previous: -1, 'page-down': page, 'page-up': -page }[command as 'next'];
      if (by !== undefined) return moveTo(at + by, true);
      const row = rows[at];
      switch (command) {
        case 'first':
        case 'last':
          return toEdge(now, timeline, command, moveTo, setPlace);
        case 'open':
          return activate(row);
        case 'close':
          if (now.opened !== null) now.onOpen(null);
          return focus();
        case 'filter':
          return now.onFilter();
        default:
          if (row !== undefined && row.type !== 'event' && row.open === (command === 'fold')) {
            now.toggle(row);
          }
      }
    },
    [timeline, moveTo, activate, focus],
  );
  useGlobalKeys(run);
  const onKeyDown = useCallback(
    (event: KeyboardEvent<HTMLDivElement>) => obey(event.nativeEvent, true, run),
    [run],
  );
  const onRow = useCallback(
    (next: number) => {
      const row = latest.current.rows[next];
      if (row === undefined) return;
      setPlace(spanOf(row)[0]);
      activate(row);
    },
    [activate],
  );
  const eventFrom = (by: 1 | -1): number => nextEvent(rows, at, by);
  return {
    at,
    onRow,
    onKeyDown,
    step: (by) => moveTo(eventFrom(by), false),
    canStep: (by) => eventFrom(by) !== at,
    focus,
  };
}

/** The first or last event of all, loaded or not. */
function toEdge(
  { rows, state }: Pick<CursorOptions, 'rows' | 'state'>,
  timeline: Timeline,
  command: 'first' | 'last',
  moveTo: (at: number, focus: boolean) => void,
  setPlace: (place: null) => void,
): void {
  const first = command === 'first';
  if (first ? state.startReached : state.endReached) {
    moveTo(first ? 0 : rows.length - 1, true);
    return;
  }
  setPlace(null);
  void timeline.open({ at: first ? 'start' : 'end' });
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
  const { key, altKey, ctrlKey, metaKey } = event;
  const typing = takesKeys(target.tagName, target.isContentEditable);
  const command = commandOf({ key, altKey, ctrlKey, metaKey, typing, inGrid });
  if (command === undefined) return;
  event.preventDefault();
  run(command);
}
