/**
 * Alerts and what became of them: the records `alert` and `alert.state` of `log/alert`. The last
 * `alert.state` of an alert says its whole standing, so that nothing is kept beside the records.
 */
import { ALERT_ACTS_MAX, ALERT_ASSIGNEE_NOBODY } from '@vitrine/schema';
import type { AlertFilter, AlertLast } from '../alert-row.ts';
import type { Connection, Params } from '../client/connection.ts';
import type { RecordRow } from '../row.ts';
import { type RawRecord, RECORD_SELECT, recordOf } from './columns.ts';
import { Condition } from './condition.ts';
import { spanOf } from './events.ts';
import { conditionOf } from './filter.ts';

/** Rows of the chain `log/alert` of one kind. */
export function alertChain(log: string, size: number, kind: 'alert' | 'alert.state'): Condition {
  const where = Condition.below(log, size).and("session = 'log' AND shim = 'alert'");
  return where.and(kind === 'alert' ? "kind = 'alert'" : "kind = 'alert.state'");
}

/** The alert that an act is about. */
const OF_ALERT = "JSONExtractString(record, 'alert')";

/**
 * The last act of each alert, as a sub-query with `alert`, `state`, `assignee`; of those about
 * one session where the statement has it as `subject`.
 */
export function lastActs(log: string, size: number, ofSubject = false): string {
  const where = alertChain(log, size, 'alert.state');
  if (ofSubject) where.and('subject = {subject:String}');
  return `SELECT alert, JSONExtractString(last, 'state') AS state,
      JSONExtractString(last, 'assignee') AS assignee
    FROM (SELECT ${OF_ALERT} AS alert, argMax(record, seq) AS last
      FROM records WHERE ${where} GROUP BY alert)`;
}

/** Alerts by leaf index, one row for each. */
export async function alerts(connection: Connection, filter: AlertFilter): Promise<RecordRow[]> {
  const { log, size } = filter;
  const { first, end } = spanOf(filter);
  const where = conditionOf({ ...filter, session: 'log', kinds: ['alert'] }, first, end);
  where.and("shim = 'alert'");
  narrow(where, filter);
  const order = filter.order === 'asc' ? 'ASC' : 'DESC';
  // Which ones first: of those that do not stand on the page, no text is read for its own sake.
  const page = `SELECT DISTINCT idx FROM records WHERE ${where}
    ORDER BY idx ${order} LIMIT {limit:UInt64}`;
  const chain = alertChain(log, size, 'alert');
  const raw = await connection.rows<RawRecord>(
    `SELECT ${RECORD_SELECT} FROM records WHERE ${chain} AND idx IN (${page})
     ORDER BY idx ${order} LIMIT 1 BY idx`,
    { ...chain.params, ...where.params, limit: filter.limit },
  );
  return raw.map(recordOf);
}

/** An alert without an act is open and nobody's: it is found by what it is not. */
function narrow(where: Condition, { log, size, subject, states, assignee }: AlertFilter): void {
  const id = "JSONExtractString(record, 'id')";
  const acts = lastActs(log, size, subject !== undefined);
  if (states !== undefined) {
    const [is, asked] = states.includes('open') ? ['NOT IN', 'NOT IN'] : ['IN', 'IN'];
    const which = `SELECT alert FROM (${acts}) WHERE state ${asked} {states:Array(String)}`;
    where.and(`${id} ${is} (${which})`, { states: [...states] });
  }
  if (assignee === undefined) return;
  if (assignee === ALERT_ASSIGNEE_NOBODY) {
    where.and(`${id} NOT IN (SELECT alert FROM (${acts}) WHERE assignee != '')`);
    return;
  }
  const theirs = `SELECT alert FROM (${acts}) WHERE assignee = {assignee:String}`;
  where.and(`${id} IN (${theirs})`, { assignee });
}

/** The alert of this id. */
export async function alertOfId(
  connection: Connection,
  log: string,
  size: number,
  id: string,
): Promise<RecordRow | undefined> {
  const where = alertChain(log, size, 'alert');
  where.and("JSONExtractString(record, 'id') = {id:String}", { id });
  const [raw] = await connection.rows<RawRecord>(
    `SELECT ${RECORD_SELECT} FROM records WHERE ${where} ORDER BY idx LIMIT 1`,
    where.params,
  );
  return raw === undefined ? undefined : recordOf(raw);
}

/** The last act of each of these alerts that has one. */
export async function lastActsOf(
  connection: Connection,
  log: string,
  size: number,
  ids: readonly string[],
): Promise<Map<string, AlertLast>> {
  const where = alertChain(log, size, 'alert.state').and(`${OF_ALERT} IN {ids:Array(String)}`);
  const rows = await connection.rowsOfList<RawRecord & { alert: string; acts: string }>(
    `SELECT ${RECORD_SELECT}, ${OF_ALERT} AS alert,
       count() OVER (PARTITION BY ${OF_ALERT}) AS acts
     FROM (SELECT * FROM records WHERE ${where} LIMIT 1 BY idx)
     ORDER BY seq DESC LIMIT 1 BY alert`,
    where.params,
    'ids',
    ids,
  );
  return new Map(
    rows.map(({ alert, acts, ...raw }) => [
      alert,
      { alert, row: recordOf(raw), acts: Number(acts) },
    ]),
  );
}

/** The acts on one alert, oldest first. */
export async function actsOf(
  connection: Connection,
  log: string,
  size: number,
  id: string,
): Promise<RecordRow[]> {
  const where = alertChain(log, size, 'alert.state').and(`${OF_ALERT} = {id:String}`, { id });
  const rows = await connection.rows<RawRecord>(
    `SELECT ${RECORD_SELECT} FROM records WHERE ${where}
     ORDER BY idx LIMIT 1 BY idx LIMIT ${ALERT_ACTS_MAX}`,
    where.params,
  );
  return rows.map(recordOf);
}

/** The texts of a part of these leaves, as far as the store has them. */
export async function partTexts(
  connection: Connection,
  log: string,
  name: string,
  indices: readonly number[],
): Promise<Map<number, string>> {
  const params: Params = { log, name };
  const rows = await connection.rowsOfList<{ idx: string; data64: string }>(
    `SELECT idx, base64Encode(data) AS data64 FROM parts
     WHERE log = {log:String} AND idx IN {indices:Array(UInt64)} AND name = {name:String}
     LIMIT 1 BY idx`,
    params,
    'indices',
    indices,
  );
  return new Map(
    rows.map(({ idx, data64 }) => [Number(idx), Buffer.from(data64, 'base64').toString('utf8')]),
  );
}
