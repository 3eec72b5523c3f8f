/** Chains of a session, for bundles. */
import type { Connection } from '../client/connection.ts';
import type { ChainRow } from '../row.ts';
import { Condition } from './condition.ts';

/** Names of the makers of a session's chains, in order of their bytes. */
export async function shims(
  connection: Connection,
  log: string,
  size: number,
  session: string,
): Promise<string[]> {
  const where = Condition.below(log, size).and('session = {session:String}', { session });
  const rows = await connection.rows<{ shim: string }>(
    `SELECT DISTINCT shim FROM records WHERE ${where} ORDER BY shim`,
    where.params,
  );
  return rows.map(({ shim }) => shim);
}

/** Records of a chain behind `afterSeq` (-1: from the start), in order of `seq`. */
export async function chainRecords(
  connection: Connection,
  log: string,
  size: number,
  chain: { session: string; shim: string },
  afterSeq: number,
  limit: number,
): Promise<ChainRow[]> {
  const where = Condition.below(log, size)
    .and('session = {session:String} AND shim = {shim:String}', { ...chain })
    .and('seq > {after:Int64}', { after: afterSeq });
  const rows = await connection.rows<{ idx: string; seq: string; record: string; leaf64: string }>(
    `SELECT idx, seq, record, base64Encode(leaf) AS leaf64 FROM records
     WHERE ${where} AND idx IN (
       SELECT idx FROM records WHERE ${where}
       ORDER BY seq LIMIT 1 BY seq LIMIT {limit:UInt64})
     ORDER BY seq LIMIT 1 BY seq`,
    { ...where.params, limit },
  );
  return rows.map(({ idx, seq, record, leaf64 }) => ({
    idx: Number(idx),
    seq: Number(seq),
    record,
    leaf: Buffer.from(leaf64, 'base64'),
  }));
}
