/**
 * What the writer of a log reads back when it starts: where the tree ended, which sessions are
 * open, and the last record of every chain that may still grow.
 */
import type { Connection } from '../client/connection.ts';
import { StoreError } from '../error.ts';
import type { CheckpointRow, SupervisionRow, TipRow } from '../row.ts';
import { CHECKPOINT_SELECT, checkpointOf, type RawCheckpoint } from './columns.ts';
import { Condition } from './condition.ts';
import { ofChainSums, type SumRange } from './sums.ts';

export async function lastCheckpoint(
  connection: Connection,
  log: string,
): Promise<CheckpointRow | undefined> {
  const [raw] = await connection.rows<RawCheckpoint>(
    `SELECT ${CHECKPOINT_SELECT} FROM checkpoints WHERE log = {log:String}
     ORDER BY size DESC LIMIT 1`,
    { log },
  );
  return raw === undefined ? undefined : checkpointOf(raw);
}

/** Sessions whose `sup` chain has an `open` and no `close`, by name. */
export async function openSessions(
  connection: Connection,
  log: string,
  size: number,
): Promise<string[]> {
  const where = Condition.inLog(log, size).and("kind IN ('open', 'close')");
  const rows = await connection.rows<{ session: string }>(
    `SELECT session FROM supervision WHERE ${where} GROUP BY session
     HAVING countIf(kind = 'open') > 0 AND countIf(kind = 'close') = 0 ORDER BY session`,
    where.params,
  );
  return rows.map(({ session }) => session);
}

type RawSupervision = Omit<SupervisionRow, 'idx' | 'seq' | 'pid'> & {
  idx: string;
  seq: string;
  pid: string;
};

const SUPERVISION_SELECT =
  'SELECT log, idx, session, seq, kind, host_name, host_id, host_ip, pid, record FROM supervision';

/** All records of the `sup` chains of these sessions, by session and `seq`. */
export async function supervision(
  connection: Connection,
  log: string,
  size: number,
  sessions: string[],
): Promise<SupervisionRow[]> {
  const where = Condition.inLog(log, size).and('session IN {sessions:Array(String)}');
  const rows = await connection.rowsOfList<RawSupervision>(
    `${SUPERVISION_SELECT} WHERE ${where} ORDER BY session, seq LIMIT 1 BY session, seq`,
    where.params,
    'sessions',
    sessions.toSorted(),
  );
  return rows.map(supervisionOf);
}

/** All records of `sup` chains among the leaves [first, end), by leaf index. */
export async function supervisionBetween(
  connection: Connection,
  log: string,
  first: number,
  end: number,
): Promise<SupervisionRow[]> {
  const where = Condition.inLog(log, end).and('idx >= {first:UInt64}', { first });
  const rows = await connection.rows<RawSupervision>(
    `${SUPERVISION_SELECT} WHERE ${where} ORDER BY idx LIMIT 1 BY idx`,
    where.params,
  );
  return rows.map(supervisionOf);
}

function supervisionOf(row: RawSupervision): SupervisionRow {
  return { ...row, idx: Number(row.idx), seq: Number(row.seq), pid: Number(row.pid) };
}

interface RawTip {
  session: string;
  shim: string;
  seq: string;
  at: string;
  seen: string;
}

/**
 * Last record of every chain of these sessions; `log` gives the log's own chains. Throws
 * ROWS_MISSING where the sums of a damaged store name a leaf that it does not have.
 */
export function tips(
  connection: Connection,
  log: string,
  size: number,
  sessions: string[],
): Promise<TipRow[]> {
  return tipsOf(connection, { log, end: size, sessions: sessions.toSorted() });
}

/** Last record of every chain with one among the leaves [first, end). */
export function tipsBetween(
  connection: Connection,
  log: string,
  first: number,
  end: number,
): Promise<TipRow[]> {
  return tipsOf(connection, { log, first, end });
}

async function tipsOf(connection: Connection, range: SumRange): Promise<TipRow[]> {
  const rows = await ofChainSums<RawTip>(
    connection,
    range,
    ['last', 'place', 'high', 'received'],
    `session, shim, max(last) AS seq, argMax(place, last) AS at,
     if(shim = 'sup', max(high), max(received)) AS seen`,
    'GROUP BY session, shim HAVING seq >= 0 ORDER BY session, shim',
  );
  const leaves = await leavesAt(connection, range.log, range.end, rows);
  return rows.map(({ session, shim, seq, at, seen }) => {
    const leaf = leaves.get(at);
    if (leaf === undefined) {
      const message = `the last record of ${session}/${shim}, at ${at}, is not among the rows`;
      throw new StoreError('ROWS_MISSING', message, 'run vitrine fsck');
    }
    return { session, shim, seq: Number(seq), leaf, observed: seen };
  });
}

/** Hashes are read for the tips alone: they are most of what a chain's columns weigh. */
async function leavesAt(
  connection: Connection,
  log: string,
  size: number,
  rows: Pick<RawTip, 'at'>[],
): Promise<Map<string, Buffer>> {
  const indices = rows.map(({ at }) => Number(at));
  const where = Condition.below(log, size).and('idx IN {indices:Array(UInt64)}');
  const found = await connection.rowsOfList<{ idx: string; leaf64: string }>(
    `SELECT idx, base64Encode(leaf) AS leaf64 FROM records WHERE ${where}`,
    where.params,
    'indices',
    indices,
  );
  return new Map(found.map(({ idx, leaf64 }) => [idx, Buffer.from(leaf64, 'base64')]));
}

const ALERT_SELECT = "SELECT DISTINCT subject, JSONExtractString(record, 'id') AS id FROM records";

function alertsBelow(log: string, size: number): Condition {
  return Condition.below(log, size).and("session = 'log' AND shim = 'alert' AND kind = 'alert'");
}

/** Ids of the alerts about these sessions, with the session each is about. */
export async function alertIds(
  connection: Connection,
  log: string,
  size: number,
  sessions: string[],
): Promise<{ subject: string; id: string }[]> {
  const where = alertsBelow(log, size).and('subject IN {sessions:Array(String)}');
  const query = `${ALERT_SELECT} WHERE ${where} ORDER BY id`;
  return connection.rowsOfList(query, where.params, 'sessions', sessions);
}

/** Ids of the alerts among the leaves [first, end), with the session each is about. */
export async function alertIdsBetween(
  connection: Connection,
  log: string,
  first: number,
  end: number,
): Promise<{ subject: string; id: string }[]> {
  const where = alertsBelow(log, end).and('idx >= {first:UInt64}', { first });
  return connection.rows(`${ALERT_SELECT} WHERE ${where} ORDER BY id`, where.params);
}

/** How many lives of each session name are closed; the name is that of the first life. */
export async function closedLives(
  connection: Connection,
  log: string,
  size: number,
): Promise<Map<string, number>> {
  const where = Condition.inLog(log, size).and("kind = 'close'");
  const rows = await connection.rows<{ base: string; lives: string }>(
    `SELECT replaceRegexpOne(session, ':[0-9]+$', '') AS base, uniqExact(session) AS lives
     FROM supervision WHERE ${where} GROUP BY base`,
    where.params,
  );
  return new Map(rows.map(({ base, lives }) => [base, Number(lives)]));
}
