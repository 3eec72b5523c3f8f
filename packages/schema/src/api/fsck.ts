/** The check of all that is stored: how far it is, and every difference by table, place, column. */
import type { Refusal } from './refusal.ts';

export type FsckTable = 'records' | 'supervision' | 'parts' | 'tiles' | 'checkpoints' | 'note';

export interface FsckFinding {
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
  findings: FsckFinding[];
  findingsTotal: number;
  /** The first parts that are committed to and not stored; `missingTotal` counts all. */
  missingParts: MissingPart[];
  missingTotal: number;
  /** Of them, those that no record of the log has announced. */
  uncoveredTotal: number;
}

/** Leaves. */
export interface FsckProgress {
  checked: number;
  size: number;
}

/** A line of `/v1/fsck`; the last one has the report, or says why there is none. */
export type FsckLine = { progress: FsckProgress } | { report: FsckReport } | { error: Refusal };
