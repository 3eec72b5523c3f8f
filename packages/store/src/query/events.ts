/** Lists of records by leaf index, and one record. */
import { QUERY_SECONDS_MAX } from '@vitrine/schema';
import type { Connection } from '../client/connection.ts';
import type { EventFilter, RecordRow } from '../row.ts';
import { type RawRecord, RECORD_SELECT, recordOf } from './columns.ts';
import { Condition } from './condition.ts';
import { conditionOf, ownSession } from './filter.ts';

export interface Span {
  first: number;
  end: number;
}

export function spanOf({ order, after, size }: EventFilter): Span {
  if (after === undefined) return { first: 0, end: size };
  return order === 'asc'
    ? { first: after + 1, end: size }
    : { first: 0, end: Math.min(after, size) };
}

/**
 * Records of a filter in order of index, one for each index. The inner question reads indices only;
 * texts are read for the rows of the page alone.
 */
export async function eventsBetween(
  connection: Connection,
  filter: EventFilter,
  { first, end }: Span,
  limit: number,
  secondsMax = QUERY_SECONDS_MAX,
): Promise<RecordRow[]> {
  const where = conditionOf(filter, first, end);
  const order = filter.order === 'asc' ? 'ASC' : 'DESC';
  const rows = await connection.rows<RawRecord>(
    `SELECT ${RECORD_SELECT} FROM records
     WHERE ${rangeOf(filter)} AND idx IN (
       SELECT idx FROM records WHERE ${where}
       ORDER BY idx ${order} LIMIT 1 BY idx LIMIT {limit:UInt64})
     ORDER BY idx ${order} LIMIT 1 BY idx`,
    { ...where.params, limit },
    { max_execution_time: secondsMax },
  );
  return rows.map(recordOf);
}

/** What narrows the outer question to the parts of the table the inner one has looked at. */
function rangeOf(filter: EventFilter): string {
  const session = ownSession(filter) === undefined ? '' : ' AND session = {session:String}';
  return (
    'tenant = {tenant:String} AND log = {log:String} AND ' +
    `idx >= {first:UInt64} AND idx < {end:UInt64}${session}`
  );
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
