/** The rows of the list out of the events: folds that the reader opened, rows that never fold. */
'use client';

import type { EventItem } from '@vitrine/schema/api';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { rowFault } from '../proof/row-state.ts';
import type { Evidence } from './queries.ts';
import { displayRows, type FoldRow, type Row, type SilenceRow } from './rows/display.ts';
import type { Filter } from './window/timeline.ts';

const NONE: ReadonlySet<number> = new Set();

export interface Rows {
  rows: readonly Row[];
  /** Opens or closes a fold, or the heartbeats of a silence. */
  toggle(row: FoldRow | SilenceRow): void;
}

export function useRows(
  items: readonly EventItem[],
  filter: Filter,
  evidence: Evidence,
  linked: number | null,
): Rows {
  const [opened, setOpened] = useState(NONE);
  const broken = useBroken(items);
  const pinned = useMemo(() => {
    const all = new Set([...evidence.keys(), ...broken]);
    if (linked !== null) all.add(linked);
    return all;
  }, [evidence, broken, linked]);
  const { kinds, vantages, text } = filter;
  const silences = kinds.length === 0 && vantages.length === 0 && text === '';
  const folds = text === '' && !kinds.includes('telemetry.heartbeat');
  const rows = useMemo(
    () => displayRows(items, { opened, pinned, silences, folds }),
    [items, opened, pinned, silences, folds],
  );
  const toggle = useCallback((row: FoldRow | SilenceRow) => {
    const members = row.type === 'fold' ? row.items : row.beats;
    setOpened((before) => {
      const after = new Set(before);
      if (!row.open && members[0] !== undefined) after.add(members[0].index);
      if (row.open) for (const { index } of members) after.delete(index);
      return after;
    });
  }, []);
  return { rows, toggle };
}

/** Checking goes on for so long at a time, far below what a reader would feel. */
const SLICE_MS = 6;
const checked = new WeakSet<EventItem>();

/** Indices of rows that are not what was sealed: looked for in idle time, folded rows included. */
function useBroken(items: readonly EventItem[]): ReadonlySet<number> {
  const [broken, setBroken] = useState(NONE);
  useEffect(() => {
    let at = 0;
    let stopped = false;
    const step = (): void => {
      if (stopped) return;
      const until = performance.now() + SLICE_MS;
      const found: number[] = [];
      for (; at < items.length && performance.now() < until; at++) {
        const item = items[at]!;
        if (checked.has(item)) continue;
        if (rowFault(item) === undefined) checked.add(item);
        else found.push(item.index);
      }
      if (found.length > 0) setBroken((before) => withAll(before, found));
      if (at < items.length) soon(step);
    };
    soon(step);
    return () => {
      stopped = true;
    };
  }, [items]);
  return broken;
}

function withAll(before: ReadonlySet<number>, found: number[]): ReadonlySet<number> {
  return found.every((index) => before.has(index)) ? before : new Set([...before, ...found]);
}

function soon(step: () => void): void {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(step, { timeout: 1_000 });
  else setTimeout(step, 50);
}
