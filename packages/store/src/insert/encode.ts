/** Rows of each evidence table as one RowBinary body, and the columns in the order of the bytes. */
import type { CheckpointRow, PartRow, RecordRow, SupervisionRow, TileRow } from '../row.ts';
import { RowBinary } from './row-binary.ts';

/** A seal has no place in a chain; the column has no NULL. */
const SEQ_NONE = -1n;
const COLUMN_BYTES_GUESS = 400;

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
  const out = new RowBinary(rows.reduce((sum, row) => sum + recordLength(row), 0));
  for (const row of rows) {
    out.text(row.tenant).text(row.log).uint64(row.idx).text(row.session).text(row.shim);
    if (row.seq === null) out.int64(SEQ_NONE);
    else out.uint64(row.seq);
    out.text(row.kind).int64Text(row.t).int64Text(row.observed);
    out.text(row.sandbox).text(row.via).text(row.vantage).text(row.peer);
    out.fixed(row.leaf);
    if (row.recordBytes === undefined) out.text(row.record);
    else out.bytes(row.recordBytes);
    out.text(row.agent);
    out.uint8(row.severity).text(row.title).text(row.subject);
  }
  return out.done();
}

/** Not by its text where there are bytes: the text would have to be made. */
function recordLength(row: RecordRow): number {
  const length = row.recordBytes?.length ?? row.record.length;
  return length + row.title.length + COLUMN_BYTES_GUESS;
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
  const out = new RowBinary(rows.reduce((sum, row) => sum + row.record.length + 200, 0));
  for (const row of rows) {
    out.text(row.log).uint64(row.idx).text(row.session).uint64(row.seq).text(row.kind);
    out.text(row.host_name).text(row.host_id).text(row.host_ip).uint64(row.pid);
    out.text(row.record);
  }
  return out.done();
}

export const PART_COLUMNS = ['tenant', 'log', 'idx', 'name', 'salt', 'data'] as const;

export function encodeParts(rows: PartRow[]): Buffer {
  const bytes = rows.reduce((sum, row) => sum + row.data.length, 0);
  const out = new RowBinary(bytes + rows.length * COLUMN_BYTES_GUESS);
  for (const row of rows) {
    out.text(row.tenant).text(row.log).uint64(row.idx).text(row.name);
    out.bytes(row.salt).bytes(row.data);
  }
  return out.done();
}

export const TILE_COLUMNS = ['log', 'level', 'n', 'hashes'] as const;

export function encodeTiles(rows: TileRow[]): Buffer {
  const out = new RowBinary(rows.reduce((sum, row) => sum + row.hashes.length + 100, 0));
  for (const row of rows) out.text(row.log).uint8(row.level).uint64(row.n).bytes(row.hashes);
  return out.done();
}

export const CHECKPOINT_COLUMNS = ['log', 'size', 'root', 'note'] as const;

export function encodeCheckpoints(rows: CheckpointRow[]): Buffer {
  const out = new RowBinary(rows.reduce((sum, row) => sum + row.note.length * 2 + 100, 0));
  for (const row of rows) out.text(row.log).uint64(row.size).fixed(row.root).text(row.note);
  return out.done();
}
