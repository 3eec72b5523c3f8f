/** What the steps found in the records of a bundle, and hand on to each other. */
import type { Json, JsonObject } from '@vitrine/schema/record';
import type { ChainErrorCode } from '../error.ts';
import type { BundleChain } from './types.ts';
import type { ChainState, Failure, FailureCode, Loss, Redaction, Verdict } from './verdict.ts';

/** A chain of a session as its `sup` tells of it. */
export interface Joined {
  /** Leaf hash of the chain's `seq` 0. */
  first: string;
  at: string;
  end?: { seq: number; head: string; lost: boolean; at: string };
}

/** A leaf of the log or of a heads tree: canonical bytes of an object, or why it is none. */
export interface Leaf {
  /** Base64. */
  hash: string;
  value: JsonObject;
  fault?: { code: FailureCode; error: ChainErrorCode; found: string };
}

/** Why a leaf is not the next record of a chain. */
export interface RecordFault {
  code: FailureCode;
  error: ChainErrorCode;
  expected: string;
  found: string;
}

/** A record after its form was checked. */
export type ChainRecord = JsonObject & {
  v: 1;
  kind: string;
  session: string;
  shim: string;
  seq: number;
  prev: string;
  t: string;
  parts: Record<string, string>;
};

/** A tree named by a seal; `root` is base64. */
export interface SealedTree {
  root: string;
  size: number;
}

/** A leaf of the tree of a seal's heads. */
export interface HeadLeaf {
  chain: string;
  head: string;
  seq: number;
}

export interface SealBody {
  /** Leaves of the batch without the seal. */
  count: number;
  /** Size of the tree before the batch. */
  first: number;
  /** `null` in a seal that does not compute them. */
  heads: SealedTree | null;
  n: number;
  /** `null` exactly when `n` is 0. */
  prev: SealedTree | null;
  /** Position consumed of each input; opaque to verifiers. */
  src: JsonObject;
  /** Unix nanoseconds, decimal text. */
  t: string;
  /** `YYYY-MM-DD`, with `days`: once a day. */
  day?: string;
  days?: SealedTree;
}

export interface Run {
  chain: string;
  last: number;
}

/** What later steps ask of a record that only the sequencer can have written (LOG.md §2). */
export interface Told {
  seq: number;
  kind: string;
  state?: Json | undefined;
  reason?: Json | undefined;
  target: JsonObject;
  /** Of an `admit` record. */
  runs: Run[];
}

/** A chain after step 5. Records are not kept, but for what later steps ask of them. */
export interface Chain {
  /** `chains/<position in the bundle>` */
  at: string;
  bundled: BundleChain;
  chain: string;
  session: string;
  shim: string;
  first: number;
  /** `seq` of the last record that was found whole and in its place. */
  last: number;
  /** Leaf hashes of these, base64. */
  leaves: string[];
  /** What records of `sup` and of the log's own chains say. */
  told: Told[];
  /** Of each record that commits to parts (step 8). */
  commitments: Map<number, Record<string, string>>;
  /** `previous` of the record with `seq` 0, if it names a chain. */
  previous?: JsonObject;
  state: ChainState;
}

/** One record, wherever it stands: in a chain, attached, or as a head of a seal's tree. */
export interface Statement {
  at: string;
  chain: string;
  seq: number;
  /** Leaf hash, base64. */
  hash: string;
}

/** A statement, and what a record of the sequencer says. */
export type Said = Statement & { told?: Told | undefined };

/** A leaf of a heads tree. */
export interface Head extends Statement {
  index: number;
}

/** What later steps ask of an attached record. */
export interface Fact extends Statement {
  index: number;
  kind: string;
  told?: Told | undefined;
}

/** What the steps found and hand on to each other. */
export interface Findings {
  failures: Failure[];
  warnings: string[];
  /** As the bundle has it, and read if it is one. */
  sealLeaf: Leaf;
  seal: SealBody | undefined;
  /** Step 2: witnesses whose cosignature counts, by label, with its time in unix nanoseconds. */
  cosigned: Map<string, { name: string; timeNs: bigint }>;
  /** Step 5; the period is the least and greatest `t` of all records. */
  chains: Chain[];
  period: { from: string; to: string } | undefined;
  /** Steps 5 and 6: proven heads of the seal's tree. */
  heads: Head[];
  /** The first of them, and how many there are. */
  losses: Loss[];
  lossCount: number;
  /** Read before step 6; what is wrong with them waits for step 7. */
  facts: Fact[];
  days: { at: string; day: string; days: SealedTree }[];
  attachedShown: Verdict['attached'];
  attachedFailures: [code: FailureCode, at: string, expected: string, found: string][];
  redacted: Redaction[];
}

/** The leaf that says a part is gone; `bound` is an index its record does not exceed. */
export type Gone = (chain: string, seq: number, part: string, bound: number) => By | undefined;
type By = Pick<Redaction, 'by' | 'index'>;
