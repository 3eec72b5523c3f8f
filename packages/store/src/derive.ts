/**
 * The one function that derives every column of a stored row, from its record and from the admit
 * run that covers it: used at insert, and again by `fsck`. Depends on nothing else.
 */
import { type JsonObject, readPath, recordColumns, textColumn, timeColumn } from '@vitrine/schema';
import type { RecordRow, SupervisionRow } from './row.ts';

/** What the connection said about a record: the members of an admit run (LOG.md §2). */
export interface RowProvenance {
  sandbox: string;
  via: string;
  vantage: string;
  peer: string;
  observed: string;
}

export interface RowSource {
  tenant: string;
  log: string;
  index: number;
  session: string;
  shim: string;
  leaf: Buffer;
  record: string;
  /** `null` for what the sequencer wrote on its own account. */
  provenance: RowProvenance | null;
}

/** `record` must be the text of a record (LOG.md §1) or a seal; a SyntaxError is the caller's. */
export function deriveRow(source: RowSource): RecordRow {
  return deriveColumns(source, JSON.parse(source.record) as JsonObject);
}

/** The same for a caller that has parsed the record already. */
export function deriveColumns(source: RowSource, record: JsonObject): RecordRow {
  const { provenance } = source;
  return {
    ...recordColumns(record),
    tenant: source.tenant,
    log: source.log,
    idx: source.index,
    session: source.session,
    shim: source.shim,
    observed: timeColumn(provenance?.observed ?? '0'),
    sandbox: provenance?.sandbox ?? '',
    via: provenance?.via ?? '',
    vantage: provenance?.vantage ?? '',
    peer: provenance?.peer ?? '',
    leaf: source.leaf,
    record: source.record,
    subject:
      source.session === 'log' && record.kind === 'alert' ? textColumn(record, 'subject') : '',
  };
}

/** The row of a record of a `sup` chain in the table of its own; `undefined` for any other. */
export function deriveSupervision(row: RecordRow): SupervisionRow | undefined {
  if (row.shim !== 'sup' || row.session === 'log' || row.seq === null) return undefined;
  const record = row.kind === 'open' ? (JSON.parse(row.record) as JsonObject) : {};
  const pid = readPath(record, 'host.process.pid');
  return {
    log: row.log,
    idx: row.idx,
    session: row.session,
    seq: row.seq,
    kind: row.kind,
    host_name: textColumn(record, 'host.name'),
    host_id: textColumn(record, 'host.id'),
    host_ip: textColumn(record, 'host.ip'),
    pid: typeof pid === 'number' && pid > 0 ? pid : 0,
    record: row.record,
  };
}
