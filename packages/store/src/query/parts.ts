/** Parts of one leaf, and of a whole chain. */
import type { Connection } from '../client/connection.ts';
import type { PartRow } from '../row.ts';
import { PART_SELECT, partOf, type RawPart } from './columns.ts';
import { Condition } from './condition.ts';

export async function parts(connection: Connection, log: string, idx: number): Promise<PartRow[]> {
  const rows = await connection.rows<RawPart>(
    `SELECT ${PART_SELECT} FROM parts WHERE log = {log:String} AND idx = {idx:UInt64}
     ORDER BY name LIMIT 1 BY name`,
    { log, idx },
  );
  return rows.map(partOf);
}

/**
 * Of the leaves [first, end), in order of index and name. More than a bundle holds is
 * READ_TOO_LARGE.
 */
export async function partsOfChain(
  connection: Connection,
  log: string,
  session: string,
  shim: string,
  { first, end }: { first: number; end: number },
): Promise<PartRow[]> {
  const where = Condition.below(log, end)
    .and('idx >= {first:UInt64}', { first })
    .and('session = {session:String}', { session })
    .and('shim = {shim:String}', { shim });
  const rows = await connection.rows<RawPart>(
    `SELECT ${PART_SELECT} FROM parts
     WHERE log = {log:String} AND idx IN (SELECT idx FROM records WHERE ${where})
     ORDER BY idx, name LIMIT 1 BY idx, name`,
    where.params,
  );
  return rows.map(partOf);
}
