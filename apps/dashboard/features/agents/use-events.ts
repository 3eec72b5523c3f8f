/**
 * The events of a session that the agents page is made of, read in bounded steps and kept current
 * by the live tail. What has not been read is told, never hidden.
 */
'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import type { EventItem, EventPage } from '@vitrine/schema/api';
import { AGENT_TREE_EVENTS_STEP, API_PAGE_MAX } from '@vitrine/schema/record';
import { useEffect, useState } from 'react';
import { getJson } from '../../lib/api/client.ts';

interface Wanted {
  kinds: string[];
  vantages?: string[];
}

export interface Events {
  items: EventItem[];
  /** The published size when the first page came; 0 before. */
  size: number;
  state: 'loading' | 'failed' | 'ready';
  error: unknown;
  /** There are more, and they are read only when `more` is called. */
  isCut: boolean;
  isLoadingMore: boolean;
  more(): void;
  retry(): void;
}

const NONE: EventItem[] = [];

export function useEvents(session: string, { kinds, vantages }: Wanted): Events {
  const [allowed, setAllowed] = useState(AGENT_TREE_EVENTS_STEP);
  const path = `/v1/sessions/${encodeURIComponent(session)}/events`;
  const filter = { kind: kinds.join(','), vantage: vantages?.join(',') };
  const query = useInfiniteQuery({
    queryKey: ['agents', session, filter],
    queryFn: ({ pageParam: after, signal }) =>
      getJson<EventPage>(path, { query: { ...filter, limit: API_PAGE_MAX, after }, signal }),
    initialPageParam: null as number | null,
    getNextPageParam: ({ cursor }: EventPage) => cursor,
    staleTime: Number.POSITIVE_INFINITY,
    select: ({ pages }) => ({
      items: pages.flatMap(({ items }) => items),
      size: pages[0]?.size ?? 0,
    }),
  });
  const { hasNextPage, isFetching, isError, fetchNextPage, refetch } = query;
  const { items, size } = query.data ?? { items: NONE, size: 0 };
  const wants = hasNextPage && !isFetching && !isError && items.length < allowed;
  useEffect(() => {
    if (wants) void fetchNextPage();
  }, [wants, fetchNextPage]);
  return {
    items,
    size,
    state: query.data !== undefined ? 'ready' : isError ? 'failed' : 'loading',
    error: query.error,
    isCut: hasNextPage && items.length >= allowed,
    isLoadingMore: query.data !== undefined && isFetching,
    more: () => setAllowed(items.length + AGENT_TREE_EVENTS_STEP),
    retry: () => void refetch(),
  };
}
