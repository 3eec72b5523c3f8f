/** The events of all sessions that a query finds, the newest first, page by page. */
'use client';

import { type UseInfiniteQueryResult, useInfiniteQuery } from '@tanstack/react-query';
import type { EventPage } from '@vitrine/schema/api';
import { type ApiFailure, getJson } from '../../lib/api/client.ts';
import { isQuery } from '../../lib/query/term.ts';

const PAGE_ROWS = 50;

export type EventSearch = UseInfiniteQueryResult<{ pages: EventPage[] }, ApiFailure>;

export function useEvents(q: string): EventSearch {
  return useInfiniteQuery({
    queryKey: ['search-events', q],
    enabled: q.trim() !== '' && isQuery(q),
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam, signal }) => {
      const query = { q, order: 'desc', limit: PAGE_ROWS, after: pageParam };
      return getJson<EventPage>('/v1/search', { query, signal });
    },
    getNextPageParam: ({ cursor }) => cursor ?? undefined,
    retry: false,
  });
}
