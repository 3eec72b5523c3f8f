/** Rows of each evidence table as one block of columns in ClickHouse's Native format. */
import type { CheckpointRow, PartRow, RecordRow, SupervisionRow, TileRow } from '../row.ts';
import { NativeBlock } from './native.ts';

/** What a row has beside its long values. */
const ROW_BYTES_GUESS = 200;
/** Names and types of columns, and what stands before their values. */
const BLOCK_BYTES_GUESS = 2_000;

function sizeOf<Row>(rows: readonly Row[], bytesOf: (row: Row) => number): number {
  return rows.reduce((sum, row) => sum + bytesOf(row) + ROW_BYTES_GUESS, BLOCK_BYTES_GUESS);
}

export const RECORD_COLUMNS = [
  'tenant',
  'log',
  'idx',
  'session',
  'shim',
  'seq',
  'kind',
  't',
  'observed',
  'sandbox',
  'via',
  'vantage',
  'peer',
  'leaf',
  'record',
  'agent',
  'severity',
  'title',
  'subject',
] as const;

export function encodeRecords(rows: RecordRow[]): Buffer {
  return new NativeBlock(rows, RECORD_COLUMNS.length, sizeOf(rows, recordLength))
    .words('tenant', (row) => row.tenant)
    .words('log', (row) => row.log)
    .uint64s('idx', (row) => row.idx)
    .texts('session', (row) => row.session)
    .words('shim', (row) => row.shim)
    .int64s('seq', (row) => row.seq)
    .words('kind', (row) => row.kind)
    .int64s('t', (row) => row.t)
    .int64s('observed', (row) => row.observed)
    .words('sandbox', (row) => row.sandbox)
    .words('via', (row) => row.via)
    .words('vantage', (row) => row.vantage)
    .words('peer', (row) => row.peer)
    .hashes('leaf', (row) => row.leaf)
    .texts('record', (row) => row.recordBytes ?? row.record)
    .words('agent', (row) => row.agent)
    .uint8s('severity', (row) => row.severity)
    .texts('title', (row) => row.title)
    .words('subject', (row) => row.subject)
    .done();
}

/** Not by its text where there are bytes: the text would have to be made. */
function recordLength(row: RecordRow): number {
  return (row.recordBytes?.length ?? row.record.length) + row.title.length;
}

export const SUPERVISION_COLUMNS = [
  'log',
  'idx',
  'session',
  'seq',
  'kind',
  'host_name',
  'host_id',
  'host_ip',
  'pid',
  'record',
] as const;

export function encodeSupervision(rows: SupervisionRow[]): Buffer {
  const bytes = sizeOf(rows, (row) => row.record.length);
  return new NativeBlock(rows, SUPERVISION_COLUMNS.length, bytes)
    .words('log', (row) => row.log)
    .uint64s('idx', (row) => row.idx)
    .texts('session', (row) => row.session)
    .uint64s('seq', (row) => row.seq)
    .words('kind', (row) => row.kind)
    .texts('host_name', (row) => row.host_name)
    .texts('host_id', (row) => row.host_id)
    .texts('host_ip', (row) => row.host_ip)
    .uint64s('pid', (row) => row.pid)
    .texts('record', (row) => row.record)
    .done();
}

export const PART_COLUMNS = ['tenant', 'log', 'idx', 'name', 'salt', 'data'] as const;

export function encodeParts(rows: PartRow[]): Buffer {
  const bytes = sizeOf(rows, (row) => row.data.length);
  return new NativeBlock(rows, PART_COLUMNS.length, bytes)
    .words('tenant', (row) => row.tenant)
    .words('log', (row) => row.log)
    .uint64s('idx', (row) => row.idx)
    .words('name', (row) => row.name)
    .texts('salt', (row) => row.salt)
    .texts('data', (row) => row.data)
    .done();
}

export const TILE_COLUMNS = ['log', 'level', 'n', 'hashes'] as const;

export function encodeTiles(rows: TileRow[]): Buffer {
  const bytes = sizeOf(rows, (row) => row.hashes.length);
  return new NativeBlock(rows, TILE_COLUMNS.length, bytes)
    .words('log', (row) => row.log)
    .uint8s('level', (row) => row.level)
    .uint64s('n', (row) => row.n)
    .texts('hashes', (row) => row.hashes)
    .done();
}

export const CHECKPOINT_COLUMNS = ['log', 'size', 'root', 'note'] as const;

export function encodeCheckpoints(rows: CheckpointRow[]): Buffer {
  const bytes = sizeOf(rows, (row) => row.note.length * 2);
  return new NativeBlock(rows, CHECKPOINT_COLUMNS.length, bytes)
    .words('log', (row) => row.log)
    .uint64s('size', (row) => row.size)
    .hashes('root', (row) => row.root)
    .texts('note', (row) => row.note)
    .done();
}
