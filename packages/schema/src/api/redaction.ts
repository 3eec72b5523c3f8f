/** Redactions: parts that are deleted, and the records of the log that say so. */

/** One part of one record. */
export interface RedactedPart {
  log: string;
  index: number;
  /** The record's chain, and its place in there. */
  chain: string;
  seq: number;
  part: string;
  /** Leaf of the record that says so; `null` while it is not sealed. */
  redacted_by: number | null;
}

export interface RedactionAnswer {
  /** `announced`: the record is sealed or about to be, and the deletion goes on. */
  state: 'announced' | 'deleted';
  /** When the last copy that is the system's own is gone, unix nanoseconds. */
  until: string;
  items: RedactedPart[];
}
