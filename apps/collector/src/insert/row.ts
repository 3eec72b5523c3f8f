/** The rows of a batch, each column by the one function that `fsck` derives it with again. */
import { deriveRow, type PartRow, placeColumns, type RecordRow } from '@vitrine/store';
import type { Batch } from '../sequence/plan.ts';

export interface BatchRows {
  records: RecordRow[];
  parts: PartRow[];
}

export function toRows(tenant: string, batch: Batch): BatchRows {
  const records: RecordRow[] = [];
  const parts: PartRow[] = [];
  const { log, first } = batch;
  for (let i = 0; i < batch.rows.length; i++) {
    const {
      session,
      shim,
      leaf,
      bytes: record,
      provenance,
      columns,
      subject,
      parts: own,
    } = batch.rows[i]!;
    const index = first + i;
    const source = { tenant, log, index, session, shim, leaf, record, provenance };
    records.push(
      columns === undefined ? deriveRow(source) : placeColumns(source, columns, subject ?? ''),
    );
    for (const { name, salt, data } of own)
      parts.push({ tenant, log, idx: index, name, salt, data });
  }
  return { records, parts };
}
