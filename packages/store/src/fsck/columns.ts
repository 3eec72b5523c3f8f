/** A stored row beside the one its record gives, column by column. */
import type { RecordRow, SupervisionRow } from '../row.ts';
import type { Findings } from './report.ts';

/** `leaf` is judged with the tree; `record` and `idx` are what the rest is derived from. */
const DERIVED = [
  'tenant',
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
  'agent',
  'severity',
  'title',
  'subject',
] as const;

export function compareRecord(expected: RecordRow, found: RecordRow, findings: Findings): void {
  for (const column of DERIVED) {
    if (expected[column] === found[column]) continue;
    findings.add('records', found.idx, column, expected[column], found[column]);
  }
}

export function compareSupervision(
  idx: number,
  expected: SupervisionRow | undefined,
  found: SupervisionRow[],
  findings: Findings,
): void {
  const [row] = found;
  if (expected === undefined) {
    if (row !== undefined) findings.add('supervision', idx, 'idx', 'none', 'a row');
    return;
  }
  if (row === undefined) {
    findings.add('supervision', idx, 'idx', 'a row', 'none');
    return;
  }
  if (found.length > 1) {
    findings.add('supervision', idx, 'idx', 'one row', `${found.length} rows`);
  }
  for (const copy of found) {
    for (const column of Object.keys(expected) as (keyof SupervisionRow)[]) {
      if (expected[column] === copy[column]) continue;
      findings.add('supervision', idx, column, expected[column], copy[column]);
    }
  }
}
