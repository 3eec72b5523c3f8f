/** Events of a running system, read through its API as any client does. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { adminToken, callApi, type Reached } from './api.ts';
import { until } from './until.ts';

export interface EventItem {
  log: string;
  index: number;
  session: string;
  shim: string;
  kind: string;
  vantage: string;
  record: Record<string, unknown>;
}

interface Page {
  items: EventItem[];
  cursor: number | null;
  size: number;
}

const PAGE_ROWS = 1_000;
const DETECTED_MS_MAX = 15_000;
const CLOSED_MS_MAX = 15_000;
/** From a finding to the seal over its alert. */
const SEALED_MS = 700;

/** All events of a session, by leaf index; none while the log has no such session. */
export async function eventsOf(system: Reached, session: string): Promise<EventItem[]> {
  const found: EventItem[] = [];
  for (let after: number | null | undefined; after !== null; ) {
    const from = after === undefined ? '' : `&after=${after}`;
    const path = `/v1/sessions/${session}/events?limit=${PAGE_ROWS}${from}`;
    const { status, text } = await callApi(system.run, adminToken(system.data), 'GET', path);
    if (status === 404) return [];
    assert.equal(status, 200, `${path}: ${text}`);
    const { items, cursor } = JSON.parse(text) as Page;
    found.push(...items);
    after = cursor;
  }
  return found;
}

/** All events of a session that is over: its end is acknowledged a moment before it is readable. */
export function closedEventsOf(system: Reached, session: string): Promise<EventItem[]> {
  return until(`${session} is closed`, CLOSED_MS_MAX, async () => {
    const rows = await eventsOf(system, session);
    return rows.some(({ kind, shim }) => kind === 'close' && shim === 'sup') ? rows : undefined;
  });
}

export async function alertsAbout(system: Reached, session: string): Promise<EventItem[]> {
  return (await answer<Page>(system, `/v1/alerts?session=${session}`)).items;
}

/** Once a rule has raised an alert about a session. */
export async function untilAlerted(
  system: Reached,
  session: string,
  rule: string,
  ms = DETECTED_MS_MAX,
): Promise<void> {
  await until(`${rule} about ${session}`, ms, async () => {
    const alerts = await alertsAbout(system, session);
    return alerts.some(({ record }) => record.rule === rule) ? true : undefined;
  });
}

/**
 * Rules of the alerts about a session, once detection has read all that the log has, and what it
 * found there has been sealed.
 */
export async function alertedRules(system: Reached, session: string): Promise<string[]> {
  const { size } = await answer<Page>(system, '/v1/events?limit=1');
  await until('detection reads on', DETECTED_MS_MAX, async () => {
    const { position } = await answer<{ position: number }>(system, '/v1/rules');
    return position >= size ? true : undefined;
  });
  await sleep(SEALED_MS);
  const alerts = await alertsAbout(system, session);
  return alerts.map(({ record }) => String(record.rule)).sort();
}

async function answer<T>({ run, data }: Reached, path: string): Promise<T> {
  const { status, text } = await callApi(run, adminToken(data), 'GET', path);
  assert.equal(status, 200, `${path}: ${text}`);
  return JSON.parse(text) as T;
}
