/** Sources and coverage: of all open sessions, or of one; asked for again while one looks. */
'use client';

import {
  type InfiniteData,
  type UseInfiniteQueryResult,
  type UseQueryResult,
  useInfiniteQuery,
  useQuery,
} from '@tanstack/react-query';
import type { CoverageAnswer, SourcesAnswer, SourcesPage } from '@vitrine/schema/api';
import { type ApiFailure, getJson } from '../../lib/api/client.ts';

const PAGE_SESSIONS = 20;
const RENEW_MS = 10_000;
const RENEW_MANY_MS = 30_000;

export type SourcesQuery = UseInfiniteQueryResult<InfiniteData<SourcesPage>, ApiFailure>;

/** `session`: empty for all that are open. */
export function useSources(session: string): SourcesQuery {
  return useInfiniteQuery<SourcesPage, ApiFailure, InfiniteData<SourcesPage>, string[], string>({
    queryKey: ['sources', session],
    queryFn: ({ pageParam, signal }) => ask(session, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor,
    refetchInterval: ({ state }) =>
      (state.data?.pages.length ?? 1) > 1 ? RENEW_MANY_MS : RENEW_MS,
  });
}

async function ask(session: string, cursor: string, signal: AbortSignal): Promise<SourcesPage> {
  if (session === '') {
    return getJson('/v1/sources', { query: { limit: PAGE_SESSIONS, cursor }, signal });
  }
  const path = `/v1/sessions/${encodeURIComponent(session)}/sources`;
  const item = await getJson<SourcesAnswer>(path, { signal });
  return { items: [item], cursor: null, size: item.size };
}

export function useCoverage(session: string): UseQueryResult<CoverageAnswer, ApiFailure> {
  return useQuery<CoverageAnswer, ApiFailure>({
    queryKey: ['coverage', session],
    queryFn: ({ signal }) => getJson('/v1/coverage', { query: { session }, signal }),
    refetchInterval: RENEW_MS,
  });
}
