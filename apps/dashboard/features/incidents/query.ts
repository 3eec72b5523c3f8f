/** Incidents, live: the list, and the story of one. */
'use client';

import {
  type InfiniteData,
  type UseInfiniteQueryResult,
  type UseQueryResult,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { AlertState } from '@vitrine/schema';
import type { IncidentPage, StoryAnswer } from '@vitrine/schema/api';
import { useCallback, useEffect, useRef } from 'react';
import { type ApiFailure, getJson } from '../../lib/api/client.ts';
import { useTail } from '../../lib/live/use-tail.ts';

const KEY = 'incidents';
const PAGE_INCIDENTS = 50;
/** Alerts that come at once renew the page once. */
const SETTLE_MS = 200;

export interface IncidentFilter {
  severity: string[];
  state: AlertState[];
}

export type IncidentsQuery = UseInfiniteQueryResult<InfiniteData<IncidentPage>, ApiFailure>;

export function useIncidents({ severity, state }: IncidentFilter): IncidentsQuery {
  useRenewal();
  const filter = { severity: severity.join(','), state: state.join(',') };
  return useInfiniteQuery({
    queryKey: [KEY, 'list', filter],
    queryFn: ({ pageParam, signal }): Promise<IncidentPage> =>
      getJson('/v1/incidents', {
        query: { limit: PAGE_INCIDENTS, ...filter, after: pageParam },
        signal,
      }),
    initialPageParam: null as number | null,
    getNextPageParam: ({ cursor }) => cursor,
    placeholderData: (old) => old,
  });
}

export function useStory(session: string): UseQueryResult<StoryAnswer, ApiFailure> {
  useRenewal();
  return useQuery({
    queryKey: [KEY, 'story', session],
    queryFn: ({ signal }): Promise<StoryAnswer> =>
      getJson(`/v1/incidents/${encodeURIComponent(session)}`, { signal }),
  });
}

function useRenewal(): void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const renew = useCallback((): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      void client.invalidateQueries({ queryKey: [KEY] });
    }, SETTLE_MS);
  }, [client]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useTail({ kinds: ['alert', 'alert.state'], onRecords: renew, onReady: renew });
}
