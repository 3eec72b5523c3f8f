/**
 * Step 5 of LOG.md §3: the rows of a batch, or of several, one INSERT of one block for each table.
 * Idempotent when `verify` is given, whatever happened before.
 */
import type { Connection } from '../client/connection.ts';
import { deriveSupervision } from '../derive.ts';
import { StoreError } from '../error.ts';
import type { CheckpointRow, PartRow, RecordRow, SupervisionRow, TileRow } from '../row.ts';
import {
  CHECKPOINT_COLUMNS,
  encodeCheckpoints,
  encodeParts,
  encodeRecords,
  encodeSupervision,
  encodeTiles,
  PART_COLUMNS,
  RECORD_COLUMNS,
  SUPERVISION_COLUMNS,
  TILE_COLUMNS,
} from './encode.ts';
import { piecesOf } from './pieces.ts';
import { recycle } from './row-binary.ts';
import { type KeyedTable, settleInserts, standingKeys } from './standing.ts';

export interface BatchRows {
  records: RecordRow[];
  parts: PartRow[];
  tiles: TileRow[];
  /** One for each batch. */
  checkpoints: CheckpointRow[];
}

interface Load<Row> {
  where: KeyedTable;
  columns: readonly string[];
  rows: Row[];
  keyOf: (row: Row) => string;
  encode: (rows: Row[]) => Buffer;
}

export async function insertRows(
  connection: Connection,
  batch: BatchRows,
  verify: boolean,
  log: (line: string) => void,
): Promise<void> {
  if (verify) await settleInserts(connection);
  const insert = async <Row>(load: Load<Row>): Promise<void> => {
    const missing = verify ? await missingRows(connection, load, log) : load.rows;
    if (missing.length === 0) return;
    const made: Buffer[] = [];
    const pieces = piecesOf(missing, (rows) => {
      const piece = load.encode(rows);
      made.push(piece);
      return piece;
    });
    await connection.insert(load.where.table, load.columns, pieces);
    // Not after a failure: a socket may still be at it.
    for (const piece of made) recycle(piece);
  };
  const done = await Promise.allSettled([
    insert(recordLoad(batch)),
    insert(supervisionLoad(batch)),
    insert(partLoad(batch)),
    insert(tileLoad(batch)),
    insert(checkpointLoad(batch)),
  ]);
  const failed = done.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function missingRows<Row>(
  connection: Connection,
  load: Load<Row>,
  log: (line: string) => void,
): Promise<Row[]> {
  if (load.rows.length === 0) return [];
  const standing = await standingKeys(connection, load.where, log);
  return load.rows.filter((row) => !standing.has(load.keyOf(row)));
}

function indexRange(batch: BatchRows): Pick<KeyedTable, 'range' | 'params'> {
  const first = batch.records[0];
  if (first === undefined) throw new StoreError('INSERT_FAILED', 'a batch has at least its seal');
  const end = first.idx + batch.records.length;
  return {
    range: 'log = {log:String} AND idx >= {first:UInt64} AND idx < {end:UInt64}',
    params: { log: first.log, first: first.idx, end },
  };
}

function recordLoad(batch: BatchRows): Load<RecordRow> {
  return {
    where: { table: 'records', key: 'toString(idx)', ...indexRange(batch) },
    columns: RECORD_COLUMNS,
    rows: batch.records,
    keyOf: (row) => String(row.idx),
    encode: encodeRecords,
  };
}

function supervisionLoad(batch: BatchRows): Load<SupervisionRow> {
  return {
    where: { table: 'supervision', key: 'toString(idx)', ...indexRange(batch) },
    columns: SUPERVISION_COLUMNS,
    rows: batch.records.map(deriveSupervision).filter((row) => row !== undefined),
    keyOf: (row) => String(row.idx),
    encode: encodeSupervision,
  };
}

function partLoad(batch: BatchRows): Load<PartRow> {
  return {
    where: { table: 'parts', key: "concat(toString(idx), '/', name)", ...indexRange(batch) },
    columns: PART_COLUMNS,
    rows: batch.parts,
    keyOf: (row) => `${row.idx}/${row.name}`,
    encode: encodeParts,
  };
}

function tileLoad(batch: BatchRows): Load<TileRow> {
  const keyOf = (row: TileRow): string => `${row.level}/${row.n}`;
  const range =
    'log = {log:String} AND ' +
    '(level, n) IN arrayZip({levels:Array(UInt8)}, {numbers:Array(UInt64)})';
  const levels = batch.tiles.map(({ level }) => level);
  const numbers = batch.tiles.map(({ n }) => n);
  return {
    where: {
      table: 'tiles',
      key: "concat(toString(level), '/', toString(n))",
      range,
      params: { log: batch.records[0]?.log, levels, numbers },
    },
    columns: TILE_COLUMNS,
    rows: batch.tiles,
    keyOf,
    encode: encodeTiles,
  };
}

function checkpointLoad({ checkpoints }: BatchRows): Load<CheckpointRow> {
  const log = checkpoints[0]?.log;
  const sizes = { first: checkpoints[0]?.size, last: checkpoints.at(-1)?.size };
  return {
    where: {
      table: 'checkpoints',
      key: 'toString(size)',
      range: 'log = {log:String} AND size >= {first:UInt64} AND size <= {last:UInt64}',
      params: { log, ...sizes },
    },
    columns: CHECKPOINT_COLUMNS,
    rows: checkpoints,
    keyOf: (row) => String(row.size),
    encode: encodeCheckpoints,
  };
}
