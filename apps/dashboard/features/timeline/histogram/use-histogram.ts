/** How the events of the filter lie in time: of the whole session, whatever time is chosen. */
'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { HistogramAnswer } from '@vitrine/schema/api';
import { type ApiFailure, getJson } from '../../../lib/api/client.ts';
import { isQuery } from '../../../lib/query/term.ts';
import type { Filter } from '../window/timeline.ts';

/** An open session grows. */
const REFRESH_MS = 10_000;

export interface HistogramQuery {
  answer: HistogramAnswer | undefined;
  failure: ApiFailure | null;
}

export function useHistogram(session: string, filter: Filter, live: boolean): HistogramQuery {
  const { kinds, vantages, text } = filter;
  const query = { kind: kinds.join(','), vantage: vantages.join(','), q: text };
  const { data, error } = useQuery<HistogramAnswer, ApiFailure>({
    queryKey: ['histogram', session, query],
    enabled: isQuery(text),
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const path = `/v1/sessions/${encodeURIComponent(session)}/histogram`;
      return getJson<HistogramAnswer>(path, { query, signal });
    },
    refetchInterval: live ? REFRESH_MS : false,
    retry: false,
  });
  return { answer: data, failure: error };
}
