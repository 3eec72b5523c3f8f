/** What the event panel asks the API for. */
'use client';

import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { EventDetail, EventItem, EventPage } from '@vitrine/schema/api';
import { apiUrl, failureOf, getJson, send } from '../../lib/api/client.ts';
import { partFault } from '../proof/part-fault.ts';
import { type Ancestry, ancestryOf } from './ancestors.ts';

/** Records never change: what was read once is kept while the page lives. */
const FOR_GOOD = Number.POSITIVE_INFINITY;

interface FoundEvent {
  /** `null` when that leaf is not of this session. */
  item: EventItem | null;
  /** Published size of the log when it was read. */
  size: number;
}

/** The event of a session at a leaf index. */
export function useEventAt(
  session: string,
  index: number,
  known: EventItem | undefined,
): UseQueryResult<FoundEvent> {
  return useQuery({
    queryKey: ['event-at', session, index],
    enabled: known === undefined,
    queryFn: async ({ signal }) => {
      const path = `/v1/sessions/${encodeURIComponent(session)}/events`;
      const after = index > 0 ? index - 1 : undefined;
      const page = await getJson<EventPage>(path, { query: { after, limit: 1 }, signal });
      const [item] = page.items;
      return { item: item?.index === index ? item : null, size: page.size };
    },
  });
}

export function useEventDetail({ log, index }: EventItem): UseQueryResult<EventDetail> {
  return useQuery({
    // The record never changes, but its parts may be redacted.
    queryKey: ['event', log, index],
    queryFn: ({ signal }) =>
      getJson<EventDetail>(`/v1/events/${encodeURIComponent(log)}/${index}`, { signal }),
  });
}

export function useAncestry(item: EventItem): UseQueryResult<Ancestry | null> {
  const { session, log, index } = item;
  return useQuery({
    queryKey: ['ancestry', log, index],
    staleTime: FOR_GOOD,
    queryFn: async ({ signal }) => {
      const path = `/v1/sessions/${encodeURIComponent(session)}/events`;
      const find = async (pid: number, before: number): Promise<EventItem | undefined> => {
        const query = { q: `kind:process.exec process.pid:${pid}`, order: 'desc', after: before };
        const page = await getJson<EventPage>(path, { query: { ...query, limit: 5 }, signal });
        return page.items.find(({ record }) => pidOf(record) === pid);
      };
      return (await ancestryOf(item, find)) ?? null;
    },
  });
}

export interface ReadPart {
  bytes: Uint8Array;
  /** Why these are not the bytes that the record commits to. */
  fault: string | undefined;
}

/** A part, checked against its record. The API writes into the log that it was read. */
export async function readPart(item: EventItem, name: string): Promise<ReadPart> {
  const { log, index, record } = item;
  const place = `/v1/events/${encodeURIComponent(log)}/${index}/parts`;
  const response = await send(apiUrl(`${place}/${encodeURIComponent(name)}`), {});
  if (!response.ok) throw await failureOf(response);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { bytes, fault: partFault(record, name, response.headers.get('vitrine-salt'), bytes) };
}

function pidOf({ process }: EventItem['record']): unknown {
  return typeof process === 'object' && process !== null && 'pid' in process
    ? process.pid
    : undefined;
}
