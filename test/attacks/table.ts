/** The attack table: the attacks of the list, and every sentence of LOG.md §5 that refuses. */
import { ABSENT_ROWS } from './absent.ts';
import { CHAIN_ROWS, CLAIM_ROWS } from './bundle/page-chains.ts';
import { FORM_ROWS } from './bundle/page-form.ts';
import { GROWTH_ROWS, ORDER_ROWS } from './bundle/page-growth.ts';
import { READER_ROWS } from './bundle/page-reader.ts';
import { CONTRADICTION_ROWS, PART_ROWS } from './bundle/page-rest.ts';
import { SESSION_ROWS } from './bundle/page-session.ts';
import { NOTE_ROWS, SEAL_ROWS } from './bundle/page-trust.ts';
import { PROOF_ROWS } from './bundle/proofs.ts';
import { RECORD_ROWS } from './bundle/records.ts';
import { TRUST_ROWS } from './bundle/trust.ts';
import type { BundleRow, Row } from './row.ts';
import { SYSTEM_ROWS } from './system/rows.ts';

export const BUNDLE_ROWS: BundleRow[] = [
  ...RECORD_ROWS,
  ...TRUST_ROWS,
  ...PROOF_ROWS,
  ...FORM_ROWS,
  ...NOTE_ROWS,
  ...SEAL_ROWS,
  ...CHAIN_ROWS,
  ...CLAIM_ROWS,
  ...SESSION_ROWS,
  ...CONTRADICTION_ROWS,
  ...PART_ROWS,
  ...GROWTH_ROWS,
  ...ORDER_ROWS,
  ...READER_ROWS,
];

export const ROWS: Row[] = [...BUNDLE_ROWS, ...SYSTEM_ROWS, ...ABSENT_ROWS];

/** What stands before the first `-` of an id. */
export function numberOf({ id }: Row): string {
  return id.split('-')[0]!;
}
