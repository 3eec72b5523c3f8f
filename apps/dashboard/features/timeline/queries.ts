/** What the session page asks the API for, beside the events themselves. */
'use client';

import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { AlertPage, SessionItem } from '@vitrine/schema/api';
import { readPath } from '@vitrine/schema/record';
import { useMemo } from 'react';
import { getJson } from '../../lib/api/client.ts';

/** An open session's counts grow; they are asked for again this often. */
const REFRESH_MS = 10_000;
/** Alerts of one session whose evidence is marked in the list; the rest is on the alerts page. */
const ALERTS_MARKED = 200;

export function useSession(session: string): UseQueryResult<SessionItem> {
  return useQuery({
    queryKey: ['session', session],
    queryFn: ({ signal }) =>
      getJson<SessionItem>(`/v1/sessions/${encodeURIComponent(session)}`, { signal }),
    refetchInterval: (query) => (query.state.data?.state === 'open' ? REFRESH_MS : false),
  });
}

/** Titles of the alerts that rest on a leaf, by its index. */
export type Evidence = ReadonlyMap<number, string>;

export interface Alerted {
  evidence: Evidence;
  /** When each alert was raised, in nanoseconds. */
  times: readonly string[];
}

const NOTHING: Alerted = { evidence: new Map(), times: [] };

/** `alerts`: how many the session has; none are asked for while it has none. */
export function useEvidence(session: string, alerts: number): Alerted {
  const { data } = useQuery({
    queryKey: ['session-alerts', session, alerts],
    enabled: alerts > 0,
    queryFn: ({ signal }) =>
      getJson<AlertPage>('/v1/alerts', { query: { session, limit: ALERTS_MARKED }, signal }),
  });
  return useMemo(() => {
    if (data === undefined) return NOTHING;
    return { evidence: evidenceOf(data), times: data.items.map(({ t }) => t) };
  }, [data]);
}

function evidenceOf({ items }: AlertPage): Evidence {
  const found = new Map<number, string>();
  for (const { record, log } of items) {
    const evidence = Array.isArray(record.evidence) ? record.evidence : [];
    for (const one of evidence) {
      const index = readPath(one, 'index');
      if (typeof index !== 'number' || readPath(one, 'log') !== log) continue;
      const rule = typeof record.rule === 'string' ? `${record.rule}: ` : '';
      found.set(index, `${rule}${String(record.title ?? 'alert')}`);
    }
  }
  return found;
}
