/** How far a view reads: so many events at most, and how many there are. */
import { VIEW_EVENTS_MAX } from '@vitrine/schema';
import type { Looked } from '@vitrine/schema/api';
import type { Connection } from '../client/connection.ts';
import type { Condition } from './condition.ts';

export interface Bound {
  /** Narrows a condition to the events that are read. */
  first: number;
  end: number;
  looked: Looked;
}

/** Of one session the first events, of all sessions the newest; `where` names the events. */
export async function boundOf(
  connection: Connection,
  where: Condition,
  size: number,
  { newest = false, max = VIEW_EVENTS_MAX } = {},
): Promise<Bound> {
  const [row] = await connection.rows<{ events: string }>(
    `SELECT count() AS events FROM records WHERE ${where}`,
    where.params,
  );
  const of = Number(row!.events);
  if (of <= max) return { first: 0, end: size, looked: { events: of, of } };
  const [edge] = await connection.rows<{ low: string; high: string }>(
    `SELECT min(idx) AS low, max(idx) AS high FROM (SELECT idx FROM records WHERE ${where}
       ORDER BY idx ${newest ? 'DESC' : 'ASC'} LIMIT {max:UInt64})`,
    { ...where.params, max },
  );
  const looked = { events: max, of };
  return newest
    ? { first: Number(edge!.low), end: size, looked }
    : { first: 0, end: Number(edge!.high) + 1, looked };
}
