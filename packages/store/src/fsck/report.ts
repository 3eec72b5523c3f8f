/** What `fsck` found: every difference by table, place and column, as many as a reader can use. */
import { FSCK_FINDINGS_MAX } from '@vitrine/schema';

export type FsckTable = 'records' | 'supervision' | 'parts' | 'tiles' | 'checkpoints' | 'note';

export interface Finding {
  table: FsckTable;
  /** Leaf index; `index/name` of a part, `level/n` of a tile, size of a checkpoint. */
  index: string;
  /** Column that differs, or the rule that is broken. */
  column: string;
  expected: string;
  found: string;
}

export interface MissingPart {
  index: number;
  name: string;
  /** A `redact` or `expire` record of the log has announced it. */
  covered: boolean;
}

export interface FsckReport {
  /** No finding. What was redacted or expired is no finding: the log has announced it. */
  ok: boolean;
  /** `fast`: only what the engine checks itself; `docs/guides/redaction.md` and `fsck --help`. */
  pass: 'whole' | 'fast';
  log: string;
  origin: string;
  /** Size of the tree that was checked: that of the newest note. */
  size: number;
  records: number;
  parts: number;
  checkpoints: number;
  /** The first of them; `findingsTotal` counts all. */
  findings: Finding[];
  findingsTotal: number;
  /** The first parts that are committed to and not stored; `missingTotal` counts all. */
  missingParts: MissingPart[];
  missingTotal: number;
  /** Of them, those that no record of the log has announced. */
  uncoveredTotal: number;
}

const VALUE_CHARS_MAX = 200;
/** Missing parts that a report lists. */
export const MISSING_LISTED_MAX = 1_000;

export class Findings {
  readonly list: Finding[] = [];
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
