/**
 * The columns of a stored row, all derived from its record and from the admit run that covers it.
 * `fsck` derives them again with the same function and compares.
 */
import { type JsonObject, eventSeverity, eventTitle, readPath } from '@vitrine/schema';
import type { PartRow, RecordRow } from '@vitrine/store';
import type { Provenance } from '../sequence/draft.ts';
import type { Batch, BatchRow } from '../sequence/plan.ts';

export interface RowSource {
  tenant: string;
  log: string;
  index: number;
  session: string;
  shim: string;
  leaf: Buffer;
  record: string;
  provenance: Provenance | null;
}

export function toRow(source: RowSource): RecordRow {
  const record = JSON.parse(source.record) as JsonObject;
  const agent = readPath(record, 'agent.id');
  return {
    tenant: source.tenant,
    log: source.log,
    idx: source.index,
    session: source.session,
    shim: source.shim,
    seq: typeof record.seq === 'number' ? record.seq : null,
    kind: String(record.kind),
    t: String(record.t),
    observed: source.provenance?.observed ?? '0',
    sandbox: source.provenance?.sandbox ?? '',
    via: source.provenance?.via ?? '',
    vantage: source.provenance?.vantage ?? '',
    peer: source.provenance?.peer ?? '',
    leaf: source.leaf,
    record: source.record,
    agent: typeof agent === 'string' ? agent : '',
    severity: eventSeverity(record),
    title: eventTitle(record),
  };
}

export function toRows(tenant: string, batch: Batch): { rows: RecordRow[]; parts: PartRow[] } {
  const rows: RecordRow[] = [];
  const parts: PartRow[] = [];
  for (const [i, row] of batch.rows.entries()) {
    const index = batch.first + i;
    rows.push(rowAt(tenant, batch.log, index, row));
    for (const { name, salt, data } of row.parts) {
      parts.push({ tenant, log: batch.log, idx: index, name, salt, data });
    }
  }
  return { rows, parts };
}

function rowAt(tenant: string, log: string, index: number, row: BatchRow): RecordRow {
  return toRow({
    tenant,
    log,
    index,
    session: row.session,
    shim: row.shim,
    leaf: row.leaf,
    record: row.bytes.toString('utf8'),
    provenance: row.provenance,
  });
}
