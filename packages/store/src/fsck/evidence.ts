/**
 * The evidence tables as `fsck` reads them: a window of leaves at a time, in order, by the log's
 * name alone, and every copy of a row. Parts and tiles are hashed by the engine: they need not
 * travel for that.
 */
import { FSCK_FINDINGS_MAX, FSCK_PAGE_SECONDS_MAX } from '@vitrine/schema';
import type { FsckTable } from '@vitrine/schema/api';
import { Repeated } from '../client/cells.ts';
import type { Connection } from '../client/connection.ts';
import { CHECKPOINT_SELECT, checkpointOf, type RawCheckpoint } from '../query/columns.ts';
import { halved } from '../query/halved.ts';
import type { CheckpointRow, SupervisionRow } from '../row.ts';
import type { RawWindow } from './certificate.ts';
import { CERTIFIED_COLUMNS } from './certify.ts';
import { FastReader } from './fast-reader.ts';
import { PART_COLUMNS } from './part-cells.ts';
import { STORED_COLUMNS, type StoredRow, storedRows } from './stored.ts';

/** A part without its content. */
export interface PartDigest {
  tenant: string;
  idx: number;
  name: string;
  /** `H(0x02 ‖ salt ‖ data)`, base64. */
  commitment: string;
}

/** A tile without its content. */
export interface TileDigest {
  level: number;
  n: number;
  /** SHA-256 of its hashes, base64. */
  sha256: string;
}

const CHECKPOINT_PAGE = 5_000;
const SHA256_BYTES = 32;
const SETTINGS = { max_execution_time: FSCK_PAGE_SECONDS_MAX };
const RANGE = 'log = {log:String} AND idx >= {first:UInt64} AND idx < {end:UInt64}';

export class EvidenceReader {
  /** What the engine computes itself. */
  readonly fast: FastReader;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.fast = new FastReader(connection);
    this.#connection = connection;
  }

  /** In order of index, with every copy of a row. */
  records(log: string, first: number, end: number): Promise<StoredRow[]> {
    return halved(first, end, async (from, to) => {
      const cells = await this.#connection.cells(
        `SELECT ${STORED_COLUMNS} FROM records WHERE ${RANGE} ORDER BY idx`,
        { log, first: from, end: to },
        SETTINGS,
      );
      return storedRows(log, cells);
    });
  }

  async supervision(log: string, first: number, end: number): Promise<SupervisionRow[]> {
    const rows = await this.#connection.rows<
      Omit<SupervisionRow, 'idx' | 'seq' | 'pid'> & { idx: string; seq: string; pid: string }
    >(
      `SELECT log, idx, session, seq, kind, host_name, host_id, host_ip, pid, record
       FROM supervision WHERE ${RANGE} ORDER BY idx`,
      { log, first, end },
      SETTINGS,
    );
    return rows.map((row) => ({
      ...row,
      idx: Number(row.idx),
      seq: Number(row.seq),
      pid: Number(row.pid),
    }));
  }

  parts(log: string, first: number, end: number): Promise<PartDigest[]> {
    return halved(first, end, (from, to) => this.#parts(log, from, to));
  }

  async #parts(log: string, first: number, end: number): Promise<PartDigest[]> {
    const cells = await this.#connection.cells(
      `SELECT tenant, idx, name, SHA256(concat(char(2), salt, data)) AS commitment
       FROM parts WHERE ${RANGE} ORDER BY idx, name`,
      { log, first, end },
      SETTINGS,
    );
    const [tenant, name] = [new Repeated(), new Repeated()];
    const rows: PartDigest[] = [];
    while (!cells.done) {
      rows.push({
        tenant: cells.repeated(tenant),
        idx: cells.uint64(),
        name: cells.repeated(name),
        commitment: cells.fixedBase64(SHA256_BYTES),
      });
    }
    return rows;
  }

  /** What `certify` looks through. */
  async window(log: string, first: number, end: number): Promise<RawWindow> {
    const [records, parts, supervised] = await Promise.all([
      this.#raw(`SELECT ${CERTIFIED_COLUMNS} FROM records WHERE ${RANGE} ORDER BY idx`, log, [
        first,
        end,
      ]),
      this.#raw(`SELECT ${PART_COLUMNS} FROM parts WHERE ${RANGE} ORDER BY idx, name`, log, [
        first,
        end,
      ]),
      this.supervision(log, first, end),
    ]);
    return { log, first, end, records, parts, supervised };
  }

  async #raw(query: string, log: string, [first, end]: [number, number]): Promise<Buffer> {
    const answers = await halved(first, end, async (from, to) => {
      return [await this.#connection.rowBinary(query, { log, first: from, end: to }, SETTINGS)];
    });
    return answers.length === 1 ? answers[0]! : Buffer.concat(answers);
  }

  /** The largest tree in (first, end] that has a checkpoint, as far as the store is right. */
  async sealedIn(log: string, first: number, end: number): Promise<number | undefined> {
    const [row] = await this.#connection.rows<{ size: string }>(
      `SELECT max(checkpoints.size) AS size FROM checkpoints WHERE log = {log:String}
         AND checkpoints.size > {first:UInt64} AND checkpoints.size <= {end:UInt64}`,
      { log, first, end },
      SETTINGS,
    );
    const size = Number(row?.size ?? 0);
    return size > first ? size : undefined;
  }

  /** Tiles of one level with a number in [first, end). */
  async tiles(log: string, level: number, first: number, end: number): Promise<TileDigest[]> {
    const rows = await this.#connection.rows<{ level: number; n: string; sha256: string }>(
      `SELECT level, n, base64Encode(SHA256(hashes)) AS sha256 FROM tiles
       WHERE log = {log:String} AND level = {level:UInt8}
         AND n >= {first:UInt64} AND n < {end:UInt64} ORDER BY n`,
      { log, level, first, end },
      SETTINGS,
    );
    return rows.map((row) => ({ ...row, n: Number(row.n) }));
  }

  /** In order of size. */
  async *checkpoints(log: string): AsyncGenerator<CheckpointRow> {
    for (let after = -1; ; ) {
      const rows = await this.#connection.rows<RawCheckpoint>(
        `SELECT ${CHECKPOINT_SELECT} FROM checkpoints
         WHERE log = {log:String} AND toInt64(size) > {after:Int64} ORDER BY size
         LIMIT {page:UInt64} WITH TIES`,
        { log, after, page: CHECKPOINT_PAGE },
        SETTINGS,
      );
      yield* rows.map(checkpointOf);
      if (rows.length < CHECKPOINT_PAGE) return;
      after = Number(rows.at(-1)!.size);
    }
  }

  /** Rows of places that a tree of `size` does not have; some of them, in order. */
  async beyond(log: string, size: number): Promise<{ table: FsckTable; place: string }[]> {
    const indexed = (['records', 'supervision', 'parts'] as const).map((table) => {
      return `SELECT '${table}' AS tab, toString(idx) AS place FROM ${table}
        WHERE log = {log:String} AND idx >= {size:UInt64}`;
    });
    const rows = await this.#connection.rows<{ tab: FsckTable; place: string }>(
      `SELECT DISTINCT tab, place FROM (${indexed.join(' UNION ALL ')}
         UNION ALL SELECT 'tiles' AS tab, concat(toString(level), '/', toString(n)) AS place
           FROM tiles WHERE log = {log:String}
             AND (toFloat64(n) + 1) * exp2(8 * (toFloat64(level) + 1)) > {size:UInt64}
         UNION ALL SELECT 'checkpoints' AS tab, toString(size) AS place FROM checkpoints
           WHERE log = {log:String} AND checkpoints.size > {size:UInt64})
       ORDER BY tab, place LIMIT {limit:UInt64}`,
      { log, size, limit: FSCK_FINDINGS_MAX },
      SETTINGS,
    );
    return rows.map(({ tab, place }) => ({ table: tab, place }));
  }
}
