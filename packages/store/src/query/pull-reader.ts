/**
 * What pages of the consumer API need beside records: parts of many leaves, notes of many
 * checkpoints, and where the log begins. Every method throws StoreError.
 */
import type { Connection } from '../client/connection.ts';
import type { PartRow } from '../row.ts';
import { PART_SELECT, partOf, type RawPart } from './columns.ts';

export class PullReader {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * The first leaf that is stored; 0 in an empty log. Asked of what the engine keeps of each part:
   * no row is read. Whole partitions may have been taken away.
   */
  async oldest(log: string): Promise<number> {
    const [row] = await this.#connection.rows<{ idx: string }>(
      'SELECT min(idx) AS idx FROM records WHERE log = {log:String}',
      { log },
    );
    return Number(row?.idx ?? 0);
  }

  /** Bytes of all parts of each of these leaves that has any. */
  async partBytes(log: string, indices: readonly number[]): Promise<Map<number, number>> {
    const rows = await this.#connection.rowsOfList<{ idx: string; bytes: string }>(
      `SELECT idx, sum(bytes) AS bytes FROM (
         SELECT idx, length(data) AS bytes FROM parts
         WHERE log = {log:String} AND idx IN {indices:Array(UInt64)} LIMIT 1 BY idx, name)
       GROUP BY idx`,
      { log },
      'indices',
      indices,
    );
    return new Map(rows.map(({ idx, bytes }) => [Number(idx), Number(bytes)]));
  }

  /** Parts of these leaves, in no order. */
  async parts(log: string, indices: readonly number[]): Promise<PartRow[]> {
    const rows = await this.#connection.rowsOfList<RawPart>(
      `SELECT ${PART_SELECT} FROM parts
       WHERE log = {log:String} AND idx IN {indices:Array(UInt64)} LIMIT 1 BY idx, name`,
      { log },
      'indices',
      indices,
    );
    return rows.map(partOf);
  }

  /** Notes of the checkpoints of these sizes, as far as they are stored. */
  async notes(log: string, sizes: readonly number[]): Promise<Map<number, string>> {
    const rows = await this.#connection.rowsOfList<{ size: string; note: string }>(
      `SELECT size, note FROM checkpoints
       WHERE log = {log:String} AND size IN {sizes:Array(UInt64)} LIMIT 1 BY size`,
      { log },
      'sizes',
      sizes,
    );
    return new Map(rows.map(({ size, note }) => [Number(size), note]));
  }
}
