/**
 * What the engine itself computes for `fsck --fast`: leaf hashes from the records' bytes, the tiles
 * and subtrees they give, and commitments. Only what differs travels, and 32 bytes for each tile.
 */
import { FSCK_PAGE_SECONDS_MAX } from '@vitrine/schema';
import type { Connection } from '../client/connection.ts';

/** A row whose record does not have the hash that stands beside it; base64. */
export interface WrongLeaf {
  idx: number;
  computed: string;
  stored: string;
}

/** 256 leaves by the records' own hashes. */
export interface TileSum {
  n: number;
  /** Rows, and different indices among them. */
  rows: number;
  indices: number;
  /** SHA-256 of the leaf hashes, base64. */
  sha256: string;
  /** Root of the subtree over a full tile; meaningless for others. */
  root: Buffer;
}

/** A part and the commitment to it that do not agree; either may be absent. */
export interface WrongPart {
  idx: number;
  name: string;
  /** Of the record that commits to it; empty when there is none. */
  chain: string;
  seq: number;
  committed: string;
  /** Of the stored content; empty when nothing is stored. */
  stored: string;
  copies: number;
}

export interface PartsAnswer {
  /** Parts that a record commits to and that are stored. */
  stored: number;
  /** Parts that are missing below the bound. */
  expired: number;
  wrong: WrongPart[];
}

const SETTINGS = { max_execution_time: FSCK_PAGE_SECONDS_MAX };
const RANGE = 'log = {log:String} AND idx >= {first:UInt64} AND idx < {end:UInt64}';
const TILE_WIDTH = 256;
const TILE_LEVELS = Math.log2(TILE_WIDTH);
/** RFC 6962 §2.1 leaf and node prefixes, and that of a part (LOG.md §1). */
const LEAF = 'SHA256(concat(char(0), record))';
const COMMITMENT = 'base64Encode(SHA256(concat(char(2), salt, data)))';

export class FastReader {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async wrongLeaves(log: string, first: number, end: number): Promise<WrongLeaf[]> {
    const rows = await this.#rows<{ idx: string; computed: string; stored: string }>(
      `SELECT idx, base64Encode(${LEAF}) AS computed, base64Encode(leaf) AS stored
       FROM records WHERE ${RANGE} AND ${LEAF} != leaf ORDER BY idx`,
      { log, first, end },
    );
    return rows.map((row) => ({ ...row, idx: Number(row.idx) }));
  }

  async tileSums(log: string, first: number, end: number): Promise<TileSum[]> {
    type Raw = { n: string; rows: string; indices: string; sha256: string; root64: string };
    const rows = await this.#rows<Raw>(
      `WITH arrayMap(pair -> pair.2, arraySort(groupArray((idx, hash)))) AS hashes
       SELECT intDiv(idx, ${TILE_WIDTH}) AS n, count() AS rows, uniqExact(idx) AS indices,
         base64Encode(SHA256(arrayStringConcat(hashes))) AS sha256,
         base64Encode(arrayElement(${folded('hashes')}, 1)) AS root64
       FROM (SELECT idx, concat('', ${LEAF}) AS hash FROM records WHERE ${RANGE})
       GROUP BY n ORDER BY n`,
      { log, first, end },
    );
    return rows.map(({ root64, ...row }) => ({
      n: Number(row.n),
      rows: Number(row.rows),
      indices: Number(row.indices),
      sha256: row.sha256,
      root: Buffer.from(root64, 'base64'),
    }));
  }

  /** Indices of [first, end) that no row has, or more than one. */
  async miscounted(
    log: string,
    first: number,
    end: number,
  ): Promise<{ idx: number; rows: number }[]> {
    const rows = await this.#rows<{ idx: string; copies: string }>(
      `SELECT idx, sum(one) AS copies FROM (
         SELECT idx, 1 AS one FROM records WHERE ${RANGE}
         UNION ALL SELECT number AS idx, 0 AS one
           FROM numbers({first:UInt64}, {count:UInt64}))
       GROUP BY idx HAVING copies != 1 ORDER BY idx`,
      { log, first, end, count: end - first },
    );
    return rows.map(({ idx, copies }) => ({ idx: Number(idx), rows: Number(copies) }));
  }

  /** Hashes of the leaves from the records' bytes, one for each index that has a row. */
  async leaves(log: string, first: number, end: number): Promise<Buffer[]> {
    const rows = await this.#rows<{ hash64: string }>(
      `SELECT base64Encode(${LEAF}) AS hash64 FROM records WHERE ${RANGE}
       ORDER BY idx LIMIT 1 BY idx`,
      { log, first, end },
    );
    return rows.map(({ hash64 }) => Buffer.from(hash64, 'base64'));
  }

  /** Parts that stand, and those that do not agree; what is missing below `expired` is left out. */
  async parts(log: string, first: number, end: number, expired: number): Promise<PartsAnswer> {
    const params = { log, first, end, below: expired };
    const committed = `SELECT idx, pair.1 AS name, pair.2 AS committed,
         JSONExtractString(record, 'session') AS session,
         JSONExtractString(record, 'shim') AS shim, JSONExtractInt(record, 'seq') AS seq
       FROM (SELECT idx, record, arrayJoin(JSONExtractKeysAndValues(record, 'parts', 'String'))
         AS pair FROM records
         WHERE ${RANGE} AND position(record, '"parts":{"') > 0 LIMIT 1 BY idx, pair)`;
    const kept = `SELECT idx, toString(name) AS name, any(${COMMITMENT}) AS stored,
         count() AS copies FROM parts WHERE ${RANGE} GROUP BY idx, name`;
    // Committed to and not stored, or the other way round, has empty text on that side.
    const gone = "stored = '' AND idx < {below:UInt64}";
    type Cells = [string, string, string, string, string, string, string, string];
    const [row] = await this.#rows<{ present: string; expired: string; wrong: Cells[] }>(
      `SELECT countIf(stored != '' AND committed != '') AS present, countIf(${gone}) AS expired,
         arraySort(groupArrayIf((idx, name, session, shim, seq, committed, stored, copies),
           (committed != stored OR copies != 1) AND NOT (${gone}))) AS wrong
       FROM (${committed}) AS c FULL OUTER JOIN (${kept}) AS k USING (idx, name)`,
      params,
    );
    const wrong = row!.wrong.map(([idx, name, session, shim, seq, committed, stored, copies]) => ({
      ...{ idx: Number(idx), name, chain: `${session}/${shim}`, seq: Number(seq) },
      ...{ committed, stored, copies: Number(copies) },
    }));
    return { stored: Number(row!.present), expired: Number(row!.expired), wrong };
  }

  #rows<T>(query: string, params: Record<string, unknown>): Promise<T[]> {
    return this.#connection.rows<T>(query, params, SETTINGS);
  }
}

/**
 * The hashes of a full tile folded to the root of its subtree (RFC 6962 §2.1). `concat` makes a
 * String of a FixedString, where `toString` would cut zeros off its end.
 */
function folded(hashes: string): string {
  const every = (odd: number): string =>
    `arrayFilter((hash, at) -> at % 2 = ${odd}, level, arrayEnumerate(level))`;
  return `arrayFold((level, step) -> arrayMap(
      (l, r) -> concat('', SHA256(concat(char(1), l, r))), ${every(1)}, ${every(0)}),
    range(${TILE_LEVELS}), arrayResize(${hashes}, ${TILE_WIDTH}))`;
}
