/** Seals of days, and which leaves a day has (LOG.md §3, Day). */
import type { Connection } from '../client/connection.ts';
import type { SealRow } from '../row.ts';
import { Condition } from './condition.ts';

/** Seals of a log; `t` leads the table's order within a session, so each question reads little. */
function seals(log: string, size: number): Condition {
  return Condition.below(log, size).and("session = 'log' AND shim = 'seal'");
}

async function seal(
  connection: Connection,
  where: Condition,
  order: 'ASC' | 'DESC',
): Promise<SealRow | undefined> {
  const [row] = await connection.rows<{ idx: string; record: string }>(
    `SELECT idx, record FROM records WHERE ${where} ORDER BY t ${order} LIMIT 1`,
    where.params,
  );
  return row === undefined ? undefined : { idx: Number(row.idx), record: row.record };
}

/** The seal of one day: the first one after it that says so. */
export function daySeal(
  connection: Connection,
  log: string,
  size: number,
  { day, endNs }: { day: string; endNs: bigint },
): Promise<SealRow | undefined> {
  const where = seals(log, size)
    .and('t >= {end:Int64}', { end: String(endNs) })
    .and('position(record, {member:String}) > 0', { member: `"day":"${day}"` });
  return seal(connection, where, 'ASC');
}

export function newestDaySeal(
  connection: Connection,
  log: string,
  size: number,
): Promise<SealRow | undefined> {
  return seal(connection, seals(log, size).and(`position(record, '"days":{') > 0`), 'DESC');
}

export function firstSeal(
  connection: Connection,
  log: string,
  size: number,
): Promise<SealRow | undefined> {
  return seal(connection, seals(log, size), 'ASC');
}

/** Size of the newest tree that was sealed before a time; 0 when there is none. */
export async function sizeBefore(
  connection: Connection,
  log: string,
  size: number,
  tNs: bigint,
): Promise<number> {
  const where = seals(log, size).and('t < {before:Int64}', { before: String(tNs) });
  const row = await seal(connection, where, 'DESC');
  return row === undefined ? 0 : row.idx + 1;
}
