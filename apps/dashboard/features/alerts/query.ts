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
import type { AlertState, JsonObject } from '@vitrine/schema';
import type { AlertAnswer, AlertPage, EventDetail, EventItem } from '@vitrine/schema/api';
import { useCallback, useEffect, useRef } from 'react';
import { type ApiFailure, asFailure, getJson, pageFailure } from '../../lib/api/client.ts';
import { useTail } from '../../lib/live/use-tail.ts';
import type { Evidence } from './alert.ts';

const LIST_KEY = 'alerts';
const ALERT_KEY = 'alert';
const PAGE_ALERTS = 50;
/** Alerts that come at once renew the list once. */
const SETTLE_MS = 200;

export interface AlertFilter {
  severity: string[];
  state: AlertState[];
  assignee: string;
  rule: string;
  q: string;
  session: string;
}

export type AlertsQuery = UseInfiniteQueryResult<InfiniteData<AlertPage>, ApiFailure>;

export function useAlerts({ severity, state, ...named }: AlertFilter): AlertsQuery {
  useRenewal();
  const filter = { severity: severity.join(','), state: state.join(','), ...named };
  return useInfiniteQuery({
    queryKey: [LIST_KEY, filter],
    queryFn: ({ pageParam, signal }): Promise<AlertPage> =>
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
  const renew = useRenew();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const soon = useCallback(
    (items: readonly EventItem[] = []): void => {
      const touched = items.map(({ record }) => record.alert);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void renew(touched), SETTLE_MS);
    },
    [renew],
  );
  useEffect(() => () => clearTimeout(timer.current), []);
  useTail({ kinds: ['alert', 'alert.state'], onRecords: soon, onReady: () => soon() });
}

/**
 * Reads the lists again, and of single alerts those with these ids: others have not changed.
 * Resolves when they are there.
 */
export function useRenew(): (ids: readonly unknown[]) => Promise<unknown> {
  const client = useQueryClient();
  return useCallback(
    (ids) =>
      Promise.all([
        client.invalidateQueries({ queryKey: [LIST_KEY] }),
        client.invalidateQueries({
          queryKey: [ALERT_KEY],
          predicate: ({ state }) => ids.includes(idOf(state.data)),
        }),
      ]),
    [client],
  );
}

function idOf(answer: unknown): unknown {
  return (answer as { record?: JsonObject } | undefined)?.record?.id;
}

/** One alert, with everything that was done with it; nothing is asked for `null`. */
export function useAlert(index: number | null): UseQueryResult<AlertAnswer, ApiFailure> {
  return useQuery({
    queryKey: [ALERT_KEY, index],
    enabled: index !== null,
    queryFn: async ({ signal }): Promise<AlertAnswer> => {
      try {
        return await getJson<AlertAnswer>(`/v1/alerts/${index}`, { signal });
      } catch (error) {
        if (asFailure(error).status !== 404) throw error;
        throw pageFailure('ALERT_UNKNOWN', 404, `Leaf ${index} of this log is no alert.`);
      }
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
