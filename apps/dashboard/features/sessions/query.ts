/** The list of sessions: loaded page by page, renewed by the tail and, for counts, by a clock. */
'use client';

import {
  type InfiniteData,
  type UseInfiniteQueryResult,
  useInfiniteQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { SessionPage } from '@vitrine/schema/api';
import { useEffect, useRef } from 'react';
import { type ApiFailure, getJson } from '../../lib/api/client.ts';
import { useTail } from '../../lib/live/use-tail.ts';

const KEY = ['sessions'];
const PAGE_SESSIONS = 50;
/** Counts change with every event; pages that were asked for by hand are renewed less often. */
const RENEW_MS = 5_000;
const RENEW_MANY_MS = 30_000;
/** Many sessions that begin at once renew the list once. */
const SETTLE_MS = 300;

export type SessionsQuery = UseInfiniteQueryResult<InfiniteData<SessionPage>, ApiFailure>;

export function useSessions(): SessionsQuery {
  useRenewal();
  return useInfiniteQuery<SessionPage, ApiFailure, InfiniteData<SessionPage>, string[], string>({
    queryKey: KEY,
    queryFn: ({ pageParam, signal }) =>
      getJson('/v1/sessions', { query: { limit: PAGE_SESSIONS, cursor: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor,
    refetchInterval: ({ state }) =>
      (state.data?.pages.length ?? 1) > 1 ? RENEW_MANY_MS : RENEW_MS,
  });
}

function useRenewal(): void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const renew = (): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => client.invalidateQueries({ queryKey: KEY }), SETTLE_MS);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  // After a cut, what happened meanwhile is in the list that is loaded anew.
  useTail({ kinds: ['open', 'close', 'alert'], onRecords: renew, onReady: renew });
}
