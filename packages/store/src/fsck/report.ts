/** What `fsck` found: every difference by table, place and column, as many as a reader can use. */
import { FSCK_FINDINGS_MAX } from '@vitrine/schema';
import type { FsckFinding, FsckTable } from '@vitrine/schema/api';

const VALUE_CHARS_MAX = 200;
/** Missing parts that a report lists. */
export const MISSING_LISTED_MAX = 1_000;

export class Findings {
  readonly list: FsckFinding[] = [];
  total = 0;

  add(table: FsckTable, index: string | number, column: string, expected: unknown, found: unknown) {
    this.total++;
    if (this.list.length >= FSCK_FINDINGS_MAX) return;
    const finding = { table, index: String(index), column };
    this.list.push({ ...finding, expected: shown(expected), found: shown(found) });
  }
}

function shown(value: unknown): string {
  const text = Buffer.isBuffer(value) ? value.toString('base64') : String(value);
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX - 1)}…` : text;
}
