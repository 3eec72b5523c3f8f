/** Everything the list of one session is made of: its data, its rows, its scrolling, its cursor. */
'use client';

import type { EventItem, SessionItem } from '@vitrine/schema/api';
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type Evidence, useEvidence } from './queries.ts';
import type { Row } from './rows/display.ts';
import { type CanvasView, useCanvas } from './use-canvas.ts';
import { type Cursor, useCursor } from './use-cursor.ts';
import { useRowPx } from './use-row-px.ts';
import { useRows } from './use-rows.ts';
import { useTimeline } from './use-timeline.ts';
import type { UrlState } from './use-url.ts';
import type { Filter, Timeline, TimelineState } from './window/timeline.ts';
import type { Place } from './window/window.ts';

export interface List {
  timeline: Timeline;
  state: TimelineState;
  rows: readonly Row[];
  view: CanvasView;
  cursor: Cursor;
  rowPx: number;
  evidence: Evidence;
  /** When the alerts about the session were raised. */
  alertTimes: readonly string[];
  /** More may come. */
  live: boolean;
  /** Some events may be hidden. */
  filtered: boolean;
  /** Events of the whole session; unknown while some are hidden. */
  total: number | undefined;
  /** The opened event, if it is loaded. */
  shown: EventItem | undefined;
  /** The text field of the filter. */
  input: RefObject<HTMLInputElement | null>;
  /** Holds the grid. */
  box: RefObject<HTMLDivElement | null>;
}

export function useList({ session, events, alerts, state: now }: SessionItem, url: UrlState): List {
  const { filter, opened, chosen } = url;
  // What is open when the page opens may close meanwhile: the tail then tells its last records.
  const [live] = useState(now === 'open');
  const linked = opened ?? chosen?.first ?? null;
  const placeOf = useCallback((): Place => placeFor(linked, live), [linked, live]);
  const [timeline, state] = useTimeline(session, filter, live, placeOf);
  const { evidence, times: alertTimes } = useEvidence(session, alerts);
  const filtered = isNarrowed(filter);
  const total = filtered ? undefined : Math.max(events, state.items.length);
  const { rows, toggle } = useRows(state.items, filter, evidence, opened);
  const rowPx = useRowPx();
  const view = useCanvas(timeline, state, rows, rowPx, total);
  const input = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const onFilter = useCallback(() => input.current?.focus(), []);
  const onOpen = url.open;
  const row = { rows, toggle, timeline, state, view };
  const cursor = useCursor({ ...row, opened, linked, onOpen, onFilter, onMark: url.choose, box });
  const shown = useMemo(
    () => state.items.find(({ index }) => index === opened),
    [state.items, opened],
  );
  useOpenedInSight(timeline, opened, shown !== undefined, filtered);
  return {
    timeline,
    state,
    rows,
    view,
    cursor,
    rowPx,
    evidence,
    alertTimes,
    live,
    filtered,
    total,
    shown,
    input,
    box,
  };
}

function isNarrowed({ kinds, vantages, text, span }: Filter): boolean {
  return kinds.length > 0 || vantages.length > 0 || text !== '' || span !== undefined;
}

/** A link leads to its event; else an open session shows its newest, a closed one its first. */
function placeFor(opened: number | null, live: boolean): Place {
  if (opened !== null) return { at: 'index', index: opened };
  return live ? { at: 'end' } : { at: 'start' };
}

/** Back and forward may lead to an event that is not loaded. A filter may hide it for good. */
function useOpenedInSight(
  timeline: Timeline,
  opened: number | null,
  isLoaded: boolean,
  filtered: boolean,
): void {
  const before = useRef(opened);
  useEffect(() => {
    const changed = before.current !== opened;
    before.current = opened;
    if (!changed || opened === null || isLoaded || filtered) return;
    void timeline.open({ at: 'index', index: opened });
  }, [timeline, opened, isLoaded, filtered]);
}
