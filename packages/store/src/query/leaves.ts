/** Tree material: leaf hashes and full tiles. */
import type { Connection } from '../client/connection.ts';
import { StoreError } from '../error.ts';
import { tenantOf } from './columns.ts';

/** Leaf hashes of [first, end). Throws ROWS_MISSING when they are not all there. */
export async function leaves(
  connection: Connection,
  log: string,
  first: number,
  end: number,
): Promise<Buffer[]> {
  if (first >= end) return [];
  const rows = await connection.rows<{ leaf64: string }>(
    `SELECT base64Encode(leaf) AS leaf64 FROM records
     WHERE tenant = {tenant:String} AND log = {log:String}
       AND idx >= {first:UInt64} AND idx < {end:UInt64}
     ORDER BY idx LIMIT 1 BY idx`,
    { tenant: tenantOf(log), log, first, end },
  );
  if (rows.length !== end - first) {
    const message = `leaves ${first} to ${end} of ${log}: ${rows.length} are stored`;
    throw new StoreError('ROWS_MISSING', message, 'run vitrine fsck');
  }
  return rows.map(({ leaf64 }) => Buffer.from(leaf64, 'base64'));
}

/** Hashes of a full tile, 32 bytes each. */
export async function tile(
  connection: Connection,
  log: string,
  level: number,
  n: number,
): Promise<Buffer | undefined> {
  const [row] = await connection.rows<{ hashes64: string }>(
    `SELECT base64Encode(hashes) AS hashes64 FROM tiles
     WHERE log = {log:String} AND level = {level:UInt8} AND n = {n:UInt64} LIMIT 1`,
    { log, level, n },
  );
  return row === undefined ? undefined : Buffer.from(row.hashes64, 'base64');
}

/** Hashes of the full tiles [first, end) of a level. Throws ROWS_MISSING as `leaves` does. */
export async function tiles(
  connection: Connection,
  log: string,
  level: number,
  first: number,
  end: number,
): Promise<Buffer[]> {
  if (first >= end) return [];
  const rows = await connection.rows<{ hashes64: string }>(
    `SELECT base64Encode(hashes) AS hashes64 FROM tiles
     WHERE log = {log:String} AND level = {level:UInt8} AND n >= {first:UInt64} AND n < {end:UInt64}
     ORDER BY n LIMIT 1 BY n`,
    { log, level, first, end },
  );
  if (rows.length !== end - first) {
    const message = `tiles ${level}/${first} to ${end} of ${log}: ${rows.length} are stored`;
    throw new StoreError('ROWS_MISSING', message, 'run vitrine fsck');
  }
  return rows.map(({ hashes64 }) => Buffer.from(hashes64, 'base64'));
}
