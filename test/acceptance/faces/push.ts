/** Events pushed as any OpenTelemetry client pushes them: OTLP/HTTP in JSON. */
import assert from 'node:assert/strict';
import { adminToken, type Reached } from '../path/api.ts';
import { JSON_TYPE, post } from '../path/otlp.ts';

export interface Pushed {
  kind: string;
  /** Milliseconds after the epoch; now when left out. */
  at?: number;
  /** By dotted name. */
  members?: Record<string, string | number | boolean>;
}

/** Well below the 4 MB of one request. */
const RECORDS_AT_ONCE = 4_000;

/** Pushes in order; resolves when all of it is durable. */
export async function push(system: Reached, session: string, events: Pushed[]): Promise<void> {
  const token = adminToken(system.data);
  const url = `${system.run.otlp_http}/v1/logs`;
  for (let from = 0; from < events.length; from += RECORDS_AT_ONCE) {
    const body = bodyOf(session, events.slice(from, from + RECORDS_AT_ONCE));
    const answer = await post({ url, token, type: JSON_TYPE, body });
    assert.equal(answer.status, 200, answer.body.toString());
  }
}

function bodyOf(session: string, events: Pushed[]): Buffer {
  const logRecords = events.map(({ kind, at = Date.now(), members = {} }) => ({
    timeUnixNano: `${at}000000`,
    eventName: kind,
    attributes: Object.entries(members).map(([key, value]) => ({ key, value: anyValue(value) })),
  }));
  const resource = { attributes: [{ key: 'session.id', value: { stringValue: session } }] };
  return Buffer.from(JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }));
}

function anyValue(value: string | number | boolean): object {
  if (typeof value === 'boolean') return { boolValue: value };
  return typeof value === 'number' ? { intValue: value } : { stringValue: value };
}
