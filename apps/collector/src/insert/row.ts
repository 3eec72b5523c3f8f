/** The rows of a batch, each column by the one function that `fsck` derives it with again. */
import { deriveColumns, deriveRow, type PartRow, type RecordRow } from '@vitrine/store';
import type { Batch } from '../sequence/plan.ts';

export interface BatchRows {
  records: RecordRow[];
  parts: PartRow[];
}

export function toRows(tenant: string, batch: Batch): BatchRows {
  const records: RecordRow[] = [];
  const parts: PartRow[] = [];
  for (const [i, row] of batch.rows.entries()) {
    const index = batch.first + i;
    const { session, shim, leaf, provenance, members } = row;
    const record = row.bytes.toString('utf8');
    const source = { tenant, log: batch.log, index, session, shim, leaf, record, provenance };
    records.push(members === undefined ? deriveRow(source) : deriveColumns(source, members));
    for (const { name, salt, data } of row.parts) {
      parts.push({ tenant, log: batch.log, idx: index, name, salt, data });
    }
  }
  return { records, parts };
}
