/** The page's state, all of which stands in the address bar. */
'use client';

import { useQueryStates } from 'nuqs';
import { useCallback, useMemo } from 'react';
import { type EventTab, timelineKeys } from '../../lib/url-state.ts';
import type { Filter } from './window/timeline.ts';

export interface UrlState {
  filter: Filter;
  /** Leaf index of the opened event. */
  opened: number | null;
  tab: EventTab;
  setFilter(filter: Filter): void;
  /** Opening and closing can be gone back over; walking from event to event cannot. */
  open(index: number | null): void;
  setTab(tab: EventTab): void;
}

export function useUrl(): UrlState {
  const [state, setState] = useQueryStates(timelineKeys, { history: 'push', shallow: true });
  const { e: opened, kind, vantage, q, tab } = state;
  const filter = useMemo(() => ({ kinds: kind, vantages: vantage, text: q }), [kind, vantage, q]);
  const setFilter = useCallback(
    ({ kinds, vantages, text }: Filter) => {
      void setState({ kind: [...kinds], vantage: [...vantages], q: text });
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
  return { filter, opened, tab, setFilter, open, setTab };
}
