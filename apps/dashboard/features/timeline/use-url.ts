/** The page's state, all of which stands in the address bar. */
'use client';

import { useQueryStates } from 'nuqs';
import { useCallback, useMemo } from 'react';
import { type EventTab, timelineKeys } from '../../lib/url-state.ts';
import { type LeafRange, rangeOf, rangeText } from './rows/leaf-range.ts';
import type { Filter } from './window/timeline.ts';

export interface UrlState {
  filter: Filter;
  /** Leaf index of the opened event. */
  opened: number | null;
  tab: EventTab;
  /** The leaves that are marked together. */
  chosen: LeafRange | undefined;
  setFilter(filter: Filter): void;
  /** Opening and closing can be gone back over; walking from event to event cannot. */
  open(index: number | null): void;
  setTab(tab: EventTab): void;
  choose(range: LeafRange | undefined): void;
}

export function useUrl(): UrlState {
  const [state, setState] = useQueryStates(timelineKeys, { history: 'push', shallow: true });
  const { e: opened, kind, vantage, q, from, to, range, tab } = state;
  const filter = useMemo(() => {
    const all = { kinds: kind, vantages: vantage, text: q };
    return isTime(from) && isTime(to) ? { ...all, span: { from, to } } : all;
  }, [kind, vantage, q, from, to]);
  const setFilter = useCallback(
    ({ kinds, vantages, text, span }: Filter) => {
      const time = { from: span?.from ?? null, to: span?.to ?? null };
      void setState({ kind: [...kinds], vantage: [...vantages], q: text, ...time });
    },
    [setState],
  );
  const chosen = useMemo(() => rangeOf(range), [range]);
  const choose = useCallback(
    (next: LeafRange | undefined) => {
      void setState({ range: next === undefined ? null : rangeText(next) }, { history: 'replace' });
    },
    [setState],
  );
  const isOpen = opened !== null;
  const open = useCallback(
    (index: number | null) => {
      const walks = isOpen && index !== null;
      void setState({ e: index }, { history: walks ? 'replace' : 'push' });
    },
    [setState, isOpen],
  );
  const setTab = useCallback(
    (next: EventTab) => void setState({ tab: next }, { history: 'replace' }),
    [setState],
  );
  return { filter, opened, tab, chosen, setFilter, open, setTab, choose };
}

/** What the API takes as a time in nanoseconds. */
function isTime(text: string): boolean {
  return /^\d{16,19}$/.test(text);
}
