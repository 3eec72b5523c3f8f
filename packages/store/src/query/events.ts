/** Lists of records by leaf index, and one record. */
import { QUERY_SECONDS_MAX } from '@vitrine/schema';
import type { Connection } from '../client/connection.ts';
import type { EventFilter, RecordRow } from '../row.ts';
import { type RawRecord, RECORD_SELECT, recordOf } from './columns.ts';
import { Condition } from './condition.ts';
import { conditionOf, type RecordFilter } from './filter.ts';
import type { LeafSpan } from './words.ts';

export function spanOf({ order, after, size }: EventFilter): LeafSpan {
  if (after === undefined) return { first: 0, end: size };
  return order === 'asc'
    ? { first: after + 1, end: size }
    : { first: 0, end: Math.min(after, size) };
}

/**
 * Records of a filter in order of index, one for each index. The engine looks for the indices of
 * the page first and reads the texts of those alone (lazy materialisation).
 */
export async function eventsBetween(
  connection: Connection,
  filter: EventFilter & RecordFilter,
  { first, end }: LeafSpan,
  limit: number,
  secondsMax = QUERY_SECONDS_MAX,
): Promise<RecordRow[]> {
  const where = conditionOf(filter, first, end);
  const order = filter.order === 'asc' ? 'ASC' : 'DESC';
  const raw = await connection.rows<RawRecord>(
    `SELECT ${RECORD_SELECT} FROM records WHERE ${where}
     ORDER BY idx ${order} LIMIT {limit:UInt64}`,
    { ...where.params, limit },
    { max_execution_time: secondsMax },
  );
  const rows = raw.map(recordOf).filter(({ idx }, i, all) => idx !== all[i - 1]?.idx);
  if (rows.length === raw.length || raw.length < limit) return rows;
  // Rows that stand twice, until a redo repairs them, have taken the places of others.
  const last = rows.at(-1)!.idx;
  const rest = filter.order === 'asc' ? { first: last + 1, end } : { first, end: last };
  const missing = limit - rows.length;
  return rows.concat(await eventsBetween(connection, filter, rest, missing, secondsMax));
}

export async function record(
  connection: Connection,
  log: string,
  size: number,
  idx: number,
): Promise<RecordRow | undefined> {
  const where = Condition.below(log, size).and('idx = {idx:UInt64}', { idx });
  const [raw] = await connection.rows<RawRecord>(
    `SELECT ${RECORD_SELECT} FROM records WHERE ${where} LIMIT 1`,
    where.params,
  );
  return raw === undefined ? undefined : recordOf(raw);
}
