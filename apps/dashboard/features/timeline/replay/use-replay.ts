/** Moves the cursor through the rows as the events came, until the end or a pause. */
'use client';

import { useEffect, useRef, useState } from 'react';
import type { Row } from '../rows/display.ts';
import type { Cursor } from '../use-cursor.ts';
import type { Timeline, TimelineState } from '../window/timeline.ts';
import { advance, type Speed, type Standing } from './clock.ts';

const TICK_MS = 100;
/** Rows before the end of the loaded ones at which more are read. */
const AHEAD_ROWS = 100;

export interface Replay {
  isPlaying: boolean;
  speed: Speed;
  /** Of the idle stretch that was left out last, in ms. */
  skippedMs: number;
  toggle(): void;
  setSpeed(speed: Speed): void;
}

interface ReplayOptions {
  rows: readonly Row[];
  cursor: Cursor;
  timeline: Timeline;
  state: TimelineState;
}

export function useReplay(options: ReplayOptions): Replay {
  const [isPlaying, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<Speed>(1);
  const [skippedMs, setSkipped] = useState(0);
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  useEffect(() => {
    if (!isPlaying) return;
    let standing: Standing | undefined;
    let generation = latest.current.state.generation;
    let shown = -1;
    const timer = setInterval(() => {
      const { rows, cursor, timeline, state } = latest.current;
      if (state.opening || rows.length === 0) return;
      // Another place was opened, or someone moved the cursor: it goes on from there.
      if (state.generation !== generation) standing = undefined;
      generation = state.generation;
      const played = playedOf(rows);
      if (cursor.at !== shown) standing = undefined;
      if (standing === undefined) {
        const at = played.findLastIndex(({ row }) => row <= cursor.at);
        standing = { t: BigInt(played[at]?.t ?? '0'), at };
        shown = cursor.at;
      }
      const next = advance(
        played.map(({ t }) => t),
        standing,
        TICK_MS,
        speed,
      );
      if (played.length - standing.at < AHEAD_ROWS) void timeline.more('end');
      if (next === undefined) {
        if (state.endReached) setPlaying(false);
        return;
      }
      if (next.skippedMs > 0) setSkipped(next.skippedMs);
      if (next.at !== standing.at) {
        shown = played[next.at]!.row;
        cursor.go(shown);
      }
      standing = next;
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [isPlaying, speed]);
  const toggle = (): void => {
    const { rows, cursor, state } = options;
    setSkipped(0);
    // From the first event on where there is nothing more to play.
    if (!isPlaying && cursor.at >= rows.length - 1 && state.endReached) cursor.first();
    setPlaying(!isPlaying);
  };
  return { isPlaying, speed, skippedMs, toggle, setSpeed };
}

/** The rows that are played, with their times: a silence is only the time between two of them. */
function playedOf(rows: readonly Row[]): { row: number; t: string }[] {
  return rows.flatMap((row, at) => {
    if (row.type === 'silence') return [];
    return [{ row: at, t: row.type === 'fold' ? row.items[0]!.t : row.item.t }];
  });
}
