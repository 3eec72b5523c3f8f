/** Alerts and their evidence: the list, live; one alert by its leaf; one record of evidence. */
'use client';

import {
  type InfiniteData,
  type UseInfiniteQueryResult,
  type UseQueryResult,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { type ApiFailure, getJson, pageFailure } from '../../lib/api/client.ts';
import type { EventDetail, EventItem, EventPage } from '../../lib/api/types.ts';
import { useTail } from '../../lib/live/use-tail.ts';
import type { Evidence } from './alert.ts';

const LIST_KEY = 'alerts';
const PAGE_ALERTS = 50;
/** Alerts that come at once renew the list once. */
const SETTLE_MS = 200;

export interface AlertFilter {
  severity: string[];
  rule: string;
  session: string;
}

export type AlertsQuery = UseInfiniteQueryResult<InfiniteData<EventPage>, ApiFailure>;

export function useAlerts({ severity, rule, session }: AlertFilter): AlertsQuery {
  useRenewal();
  const filter = { severity: severity.join(','), rule, session };
  return useInfiniteQuery({
    queryKey: [LIST_KEY, filter],
    queryFn: ({ pageParam, signal }): Promise<EventPage> =>
      getJson('/v1/alerts', {
        query: { order: 'desc', limit: PAGE_ALERTS, ...filter, after: pageParam },
        signal,
      }),
    initialPageParam: null as number | null,
    getNextPageParam: ({ cursor }) => cursor,
    // A filter that is being changed keeps the old rows until the new ones are there.
    placeholderData: (old) => old,
  });
}

function useRenewal(): void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const renew = useCallback((): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      client.invalidateQueries({ queryKey: [LIST_KEY] });
    }, SETTLE_MS);
  }, [client]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useTail({ kinds: ['alert'], onRecords: renew, onReady: renew });
}

/** One alert, and how far the log was published when it was read. */
export interface AlertAnswer {
  item: EventItem;
  size: number;
}

export function useAlert(index: number): UseQueryResult<AlertAnswer, ApiFailure> {
  return useQuery({
    queryKey: ['alert', index],
    queryFn: async ({ signal }): Promise<AlertAnswer> => {
      const after = index === 0 ? undefined : index - 1;
      const query = { order: 'asc', limit: 1, after };
      const { items, size } = await getJson<EventPage>('/v1/alerts', { query, signal });
      const item = items.find((found) => found.index === index);
      if (item !== undefined) return { item, size };
      throw pageFailure('ALERT_UNKNOWN', 404, `Leaf ${index} of this log is no alert.`);
    },
  });
}

export function useEvidence({ log, index }: Evidence): UseQueryResult<EventDetail, ApiFailure> {
  return useQuery({
    queryKey: ['event', log, index],
    queryFn: ({ signal }): Promise<EventDetail> =>
      getJson(`/v1/events/${encodeURIComponent(log)}/${index}`, { signal }),
  });
}
