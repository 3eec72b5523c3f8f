/**
 * Sessions, newest first: a page of `open` records, and what their chains add to them. Cost goes
 * with the page, not with the log.
 */
import {
  isObject,
  type Json,
  type JsonObject,
  readPath,
  SESSION_EARLY_MS_MAX,
  VANTAGES,
} from '@vitrine/schema';
import type { Connection } from '../client/connection.ts';
import { StoreError } from '../error.ts';
import type { SessionQuery, SessionsRead, StoredSession } from '../row.ts';
import { Condition } from './condition.ts';
import { ofChainSums } from './sums.ts';

interface Opened {
  idx: string;
  session: string;
  record: string;
}

/**
 * A page of sessions. A pid is used again: where a time is given, those that were open then, and
 * where none was, those that opened soon after, for a process starts before its sandbox is told of.
 */
export async function sessions(connection: Connection, query: SessionQuery): Promise<SessionsRead> {
  const page = await sessionsEarly(connection, query, 0);
  const { at, cursor } = query;
  if (at === undefined || cursor !== undefined || page.items.length > 0) return page;
  return sessionsEarly(connection, query, SESSION_EARLY_MS_MAX);
}

async function sessionsEarly(
  connection: Connection,
  query: SessionQuery,
  earlyMs: number,
): Promise<SessionsRead> {
  const { log, size, limit, cursor, host, pid, edr, at, session: name } = query;
  const where = Condition.inLog(log, size).and("kind = 'open' AND seq = 0");
  if (cursor !== undefined) where.and('idx < {cursor:UInt64}', { cursor: indexOf(cursor) });
  if (host !== undefined) {
    const named = 'lower(host_name) = lower({host:String})';
    where.and(`(${named} OR host_id = {host:String} OR host_ip = {host:String})`, { host });
  }
  if (pid !== undefined) where.and('pid = {pid:UInt64}', { pid });
  if (name !== undefined) {
    const lives = "startsWith(session, concat({name:String}, ':'))";
    where.and(`(session = {name:String} OR ${lives})`, { name });
  }
  if (edr !== undefined) {
    // One row for each session: reading the record is cheap, and needs no column of its own.
    const device = "JSONExtractString(record, 'host', 'edr', 'device_id')";
    where.and(`lower(${device}) = lower({edr:String})`, { edr });
  }
  if (at !== undefined) livesAt(where, at, earlyMs);
  const opened = await connection.rows<Opened>(
    `SELECT idx, session, record FROM supervision WHERE ${where}
     ORDER BY idx DESC LIMIT 1 BY idx LIMIT {limit:UInt64}`,
    { ...where.params, limit: limit + 1 },
  );
  const page = opened.slice(0, limit);
  const items = await describe(connection, log, size, page);
  return { items, cursor: opened.length > limit ? (page.at(-1)?.idx ?? null) : null };
}

function livesAt(where: Condition, at: string, earlyMs: number): void {
  const t = "toUInt64OrZero(JSONExtractString(record, 't'))";
  const gone = `SELECT session FROM supervision WHERE log = {log:String} AND idx < {size:UInt64}
    AND kind = 'close' AND ${t} < {at:UInt64}`;
  where.and(`${t} <= {late:UInt64}`, {
    late: String(BigInt(at) + BigInt(earlyMs) * NS_PER_MS),
  });
  where.and(`session NOT IN (${gone})`, { at });
}

const NS_PER_MS = 1_000_000n;

export async function session(
  connection: Connection,
  log: string,
  size: number,
  name: string,
): Promise<StoredSession | undefined> {
  const where = Condition.inLog(log, size)
    .and("kind = 'open' AND seq = 0")
    .and('session = {session:String}', { session: name });
  const opened = await connection.rows<Opened>(
    `SELECT idx, session, record FROM supervision WHERE ${where} LIMIT 1`,
    where.params,
  );
  return (await describe(connection, log, size, opened))[0];
}

interface Totals {
  session: string;
  events: string;
  first_t: string;
  last_t: string;
  vantages: string[];
  chains: string;
}

async function describe(
  connection: Connection,
  log: string,
  size: number,
  opened: Opened[],
): Promise<StoredSession[]> {
  if (opened.length === 0) return [];
  const names = opened.map(({ session: name }) => name);
  const [totals, closed, alerts] = await Promise.all([
    totalsOf(connection, log, size, names),
    closesOf(connection, log, size, names),
    alertsOf(connection, log, size, names),
  ]);
  return opened.flatMap(({ session: name, record }) => {
    const found = totals.get(name);
    if (found === undefined) return [];
    const open = JSON.parse(record) as JsonObject;
    return [itemOf(open, closed.get(name), found, alerts.get(name) ?? 0)];
  });
}

async function totalsOf(
  connection: Connection,
  log: string,
  size: number,
  names: string[],
): Promise<Map<string, Totals>> {
  const rows = await ofChainSums<Totals>(
    connection,
    { log, end: size, sessions: names },
    ['n', 'low', 'high', 'seen'],
    `session, sum(n) AS events, min(low) AS first_t, max(high) AS last_t,
     groupUniqArrayArray(seen) AS vantages, uniqExact(shim) AS chains`,
    'GROUP BY session',
  );
  return new Map(rows.map((row) => [row.session, row]));
}

async function closesOf(
  connection: Connection,
  log: string,
  size: number,
  names: string[],
): Promise<Map<string, JsonObject>> {
  const where = Condition.inLog(log, size)
    .and("kind = 'close'")
    .and('session IN {names:Array(String)}');
  const rows = await connection.rowsOfList<{ session: string; record: string }>(
    `SELECT session, record FROM supervision WHERE ${where}`,
    where.params,
    'names',
    names,
  );
  return new Map(rows.map((row) => [row.session, JSON.parse(row.record) as JsonObject]));
}

async function alertsOf(
  connection: Connection,
  log: string,
  size: number,
  names: string[],
): Promise<Map<string, number>> {
  const where = Condition.below(log, size)
    .and("session = 'log' AND shim = 'alert' AND kind = 'alert'")
    .and('subject IN {names:Array(String)}');
  const rows = await connection.rowsOfList<{ subject: string; alerts: string }>(
    `SELECT subject, uniqExact(idx) AS alerts FROM records WHERE ${where} GROUP BY subject`,
    where.params,
    'names',
    names,
  );
  return new Map(rows.map(({ subject, alerts }) => [subject, Number(alerts)]));
}

function itemOf(
  open: JsonObject,
  close: JsonObject | undefined,
  totals: Totals,
  alerts: number,
): StoredSession {
  const host = objectAt(open, 'host');
  return {
    session: totals.session,
    state: close === undefined ? 'open' : 'closed',
    opened: String(open.t),
    closed: close === undefined ? null : String(close.t),
    reason: textAt(close, 'reason'),
    host: host as StoredSession['host'],
    pid: integerAt(open, 'host.process.pid'),
    edr: objectAt(open, 'host.edr') as StoredSession['edr'],
    user: textAt(open, 'user'),
    runtime: textAt(open, 'runtime'),
    events: Number(totals.events),
    alerts,
    first_t: totals.first_t,
    last_t: totals.last_t,
    vantages: VANTAGES.filter((vantage) => totals.vantages.includes(vantage)),
    chains: Number(totals.chains),
  };
}

function textAt(record: Json | undefined, path: string): string | null {
  const value = readPath(record, path);
  return typeof value === 'string' ? value : null;
}

function integerAt(record: Json, path: string): number | null {
  const value = readPath(record, path);
  return typeof value === 'number' ? value : null;
}

function objectAt(record: Json, path: string): unknown {
  const value = readPath(record, path);
  return isObject(value) ? value : null;
}

function indexOf(cursor: string): number {
  const index = /^\d{1,16}$/.test(cursor) ? Number(cursor) : Number.NaN;
  if (Number.isSafeInteger(index)) return index;
  const hint = 'use the cursor of the page before, unchanged';
  throw new StoreError('CURSOR_INVALID', 'this is no cursor of a session list', hint);
}
