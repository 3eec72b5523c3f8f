/**
 * What the writer of a log reads back when it starts: where the tree ended, which sessions are
 * open, and the last record of every chain that may still grow.
 */
import type { Connection } from '../client/connection.ts';
import type { CheckpointRow, SupervisionRow, TipRow } from '../row.ts';
import { CHECKPOINT_SELECT, checkpointOf, type RawCheckpoint } from './columns.ts';
import { Condition } from './condition.ts';
import { ofChainSums } from './sums.ts';

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

/** All records of the `sup` chains of these sessions, by session and `seq`. */
export async function supervision(
  connection: Connection,
  log: string,
  size: number,
  sessions: string[],
): Promise<SupervisionRow[]> {
  const where = Condition.inLog(log, size).and('session IN {sessions:Array(String)}');
  const rows = await connection.rowsOfList<
    Omit<SupervisionRow, 'idx' | 'seq' | 'pid'> & { idx: string; seq: string; pid: string }
  >(
    `SELECT log, idx, session, seq, kind, host_name, host_id, host_ip, pid, record
     FROM supervision WHERE ${where} ORDER BY session, seq LIMIT 1 BY session, seq`,
    where.params,
    'sessions',
    sessions.toSorted(),
  );
  return rows.map((row) => ({
    ...row,
    idx: Number(row.idx),
    seq: Number(row.seq),
    pid: Number(row.pid),
  }));
}

interface RawTip {
  session: string;
  shim: string;
  seq: string;
  at: string;
  seen: string;
}

/** Last record of every chain of these sessions; `log` gives the log's own chains. */
export async function tips(
  connection: Connection,
  log: string,
  size: number,
  sessions: string[],
): Promise<TipRow[]> {
  const rows = await ofChainSums<RawTip>(
    connection,
    { log, size, sessions: sessions.toSorted() },
    ['last', 'place', 'high', 'received'],
    `session, shim, max(last) AS seq, argMax(place, last) AS at,
     if(shim = 'sup', max(high), max(received)) AS seen`,
    'GROUP BY session, shim HAVING seq >= 0 ORDER BY session, shim',
  );
  const leaves = await leavesAt(connection, log, size, rows);
  return rows.map(({ session, shim, seq, at, seen }) => ({
    session,
    shim,
    seq: Number(seq),
    leaf: leaves.get(at)!,
    observed: seen,
  }));
}

/** Hashes are read for the tips alone: they are most of what a chain's columns weigh. */
export async function leavesAt(
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

/** Ids of the alerts about these sessions, with the session each is about. */
export async function alertIds(
  connection: Connection,
  log: string,
  size: number,
  sessions: string[],
): Promise<{ subject: string; id: string }[]> {
  const where = Condition.below(log, size)
    .and("session = 'log' AND shim = 'alert' AND kind = 'alert'")
    .and('subject IN {sessions:Array(String)}');
  return connection.rowsOfList<{ subject: string; id: string }>(
    `SELECT DISTINCT subject, JSONExtractString(record, 'id') AS id FROM records
     WHERE ${where} ORDER BY id`,
    where.params,
    'sessions',
    sessions,
  );
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
