/** Asks the API for everything a pasted text can mean, all at once. */
'use client';

import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type {
  AlertAnswer,
  EventDetail,
  EventItem,
  EventPage,
  SessionItem,
  SessionPage,
} from '@vitrine/schema/api';
import { type ApiFailure, asFailure, getJson } from '../../lib/api/client.ts';
import { type Reading, recognise } from './recognise.ts';

/** What one reading led to; both lists empty: nothing. */
export interface Found {
  reading: Reading;
  sessions: SessionItem[];
  events: EventItem[];
  /** More than these. */
  more: boolean;
}

const SESSIONS_MAX = 20;
const ALERTS_MAX = 20;
const NOT_FOUND = [400, 404];

export function useFound(q: string): UseQueryResult<Found[], ApiFailure> {
  return useQuery({
    queryKey: ['search', q],
    queryFn: ({ signal }): Promise<Found[]> =>
      Promise.all(recognise(q).map((reading) => find(reading, signal))),
  });
}

async function find(reading: Reading, signal: AbortSignal): Promise<Found> {
  try {
    return { reading, ...(await ask(reading, signal)) };
  } catch (error) {
    // That there is no such thing, or can be none, is an answer here.
    if (!NOT_FOUND.includes(asFailure(error).status)) throw error;
    return { reading, ...NOTHING };
  }
}

type Answer = Omit<Found, 'reading'>;

const NOTHING: Answer = { sessions: [], events: [], more: false };

async function ask(reading: Reading, signal: AbortSignal): Promise<Answer> {
  switch (reading.kind) {
    case 'process':
      return sessionsOf({ host: reading.host, pid: reading.pid }, signal);
    case 'pid':
      return sessionsOf({ pid: reading.pid }, signal);
    case 'host':
      return sessionsOf({ host: reading.host }, signal);
    case 'device':
      return sessionsOf({ edr: reading.device }, signal);
    case 'session':
      return sessionsOf({ session: reading.session }, signal);
    case 'leaf': {
      const path = `/v1/events/${encodeURIComponent(reading.log)}/${reading.index}`;
      return { ...NOTHING, events: [await getJson<EventDetail>(path, { signal })] };
    }
    case 'hash':
      return eventsOf('/v1/events', { leaf: reading.leaf }, signal);
    case 'rule':
      return eventsOf('/v1/alerts', { rule: reading.rule }, signal);
    case 'alert':
      return {
        ...NOTHING,
        events: [await getJson<AlertAnswer>(`/v1/alerts/${reading.id}`, { signal })],
      };
  }
}

async function sessionsOf(
  query: Record<string, string | number>,
  signal: AbortSignal,
): Promise<Answer> {
  const asked = { ...query, limit: SESSIONS_MAX };
  const { items, cursor } = await getJson<SessionPage>('/v1/sessions', { query: asked, signal });
  return { sessions: items, events: [], more: cursor !== null };
}

async function eventsOf(
  path: string,
  query: Record<string, string>,
  signal: AbortSignal,
): Promise<Answer> {
  const asked = { ...query, order: 'desc', limit: ALERTS_MAX };
  const { items, cursor } = await getJson<EventPage>(path, { query: asked, signal });
  return { sessions: [], events: items, more: cursor !== null };
}
