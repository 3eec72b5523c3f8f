/**
 * What a window of leaves is handed over as, to be looked through by whichever thread is free, and
 * what comes back for each of its batches. Plain data: it passes between threads as it is.
 */
import type { SupervisionRow } from '../row.ts';

/** Rows of the leaves [first, end), as the engine has sent them. */
export interface RawWindow {
  log: string;
  first: number;
  end: number;
  /** RowBinary of `CERTIFIED_COLUMNS`, in order of index. */
  records: Uint8Array;
  /** RowBinary of `PART_COLUMNS`, in order of index and name. */
  parts: Uint8Array;
  supervised: SupervisionRow[];
}

/** The records of one chain in one batch: each is the next one after the one before. */
export interface Stretch {
  session: string;
  shim: string;
  /** Of the first record. */
  index: number;
  seq: number;
  /** Base64. */
  prev: string;
  /** Of the last record. */
  lastIndex: number;
  lastSeq: number;
  /** All records of a `sup` chain: what they say concerns other chains. */
  told: { index: number; text: string }[];
}

export interface AbsentPart {
  index: number;
  chain: string;
  seq: number;
  name: string;
  commitment: string;
}

/**
 * A batch in which all is as it must be, as far as it can be told from the batch alone. Left to
 * whoever knows the log before it: where its chains stood, the tree, the seal, what was redacted.
 */
export interface Certificate {
  first: number;
  /** Behind its seal. */
  end: number;
  /** Leaf hashes one after the other. */
  leaves: Uint8Array;
  seal: string;
  stretches: Stretch[];
  /** Parts that are there. */
  parts: number;
  missing: AbsentPart[];
}
