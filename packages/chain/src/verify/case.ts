/**
 * What the steps of one verification hand on to each other. Owned by one call of the verifier; each
 * field says which step fills it.
 */
import type { Json, JsonObject } from '@vitrine/schema/record';
import { decodeBase64 } from '../base64.ts';
import type { Bundle, LeafProof } from '../bundle/format.ts';
import { sameBytes } from '../hash/rfc6962.ts';
import type { Trust } from '../note/trust.ts';
import type { SealBody, SealedTree } from '../seal/form.ts';
import { inclusionHolds } from '../tree/verify.ts';
import type { SealReading } from './leaf.ts';
import type { Pin } from './pin.ts';
import type { Primitives } from './primitives.ts';
import type {
  ChainState,
  Failure,
  Loss,
  Redaction,
  Step,
  Verdict,
  VerifyOptions,
} from './verdict.ts';

const HASH_BYTES = 32;

/** A step: yields what is wrong, in order; goes on behind a failure as far as that makes sense. */
export type Findings = Generator<Failure, void, undefined>;

/** A chain after step 5. Records are not kept, but for what later steps ask of them. */
export interface CheckedChain {
  chain: string;
  session: string;
  shim: string;
  first: number;
  /** Records that were found whole and in their place. */
  count: number;
  /** Leaf hashes of these, one behind the other. */
  leaves: Uint8Array;
  /** What records of `sup` and of `log/admit` say, in the order of `seq`. */
  told: Told[];
  /** Records that commit to parts, and which parts the bundle holds (step 8). */
  commitments: Map<number, { parts: Record<string, string>; given: Set<string> }>;
  /** `previous` of the record with `seq` 0, if it names a chain (LOG.md §2). */
  previous?: JsonObject;
  /** Position in `bundle.chains`. */
  at: number;
  headProven: boolean;
  /** Step 6, for a session. */
  state: ChainState;
}

/** What is kept of a record that only the sequencer can have written (LOG.md §2). */
export interface Told {
  seq: number;
  kind: string;
  state?: Json | undefined;
  reason?: Json | undefined;
  target?: JsonObject;
  /** Of an `admit` record. */
  runs?: { chain: string; last: number }[];
}

/** What later steps ask of an attached leaf: a record of a chain, or a seal. */
export interface AttachedFact {
  /** Position in `attached`. */
  at: number;
  index: number;
  hash: Uint8Array;
  /** `null` for a seal. */
  chain: string | null;
  seq: number;
  kind: string;
  /** For records of `sup` and of the log's own chains. */
  told?: Told | undefined;
  /** Of a day seal. */
  day?: { day: string; days: SealedTree } | undefined;
}

/** A head of the heads tree of this bundle's seal. */
export interface ProvenHead {
  chain: string;
  seq: number;
  hash: Uint8Array;
  where: string;
}

export interface Case {
  readonly primitives: Primitives;
  readonly options: VerifyOptions;
  readonly bundle: Bundle;
  readonly trust: Trust;
  readonly pin: Pin | null;
  /** Read with the form, judged in step 4. */
  readonly seal: SealReading;
  /** Step 2: witnesses whose cosignature counts, with its time in unix nanoseconds. */
  cosigned: { label: string; name: string; timeNs: bigint }[];
  /** Step 5. */
  chains: CheckedChain[];
  /** Steps 5 and 6: from `chains[].head` and, for an absent session, from `neighbours`. */
  heads: ProvenHead[];
  /** Read before step 6; what is wrong with them waits for step 7. */
  attached: AttachedFact[];
  attachedShown: Verdict['attached'];
  attachedFailures: Failure[];
  /** Steps 5 and 6. */
  losses: Loss[];
  /** Step 8. */
  redacted: Redaction[];
  warnings: string[];
  /** Steps in which something failed: nothing of theirs may be used as a statement of the log. */
  failed: Set<Step>;
  /** Step 5: least and greatest `t` of all records, decimal text. */
  period: { from: string | null; to: string | null };
}

export function sealOf(c: Case): SealBody | undefined {
  return c.seal.seal;
}

export function lastSeq(chain: CheckedChain): number {
  return chain.first + chain.count - 1;
}

/** Leaf hash of the record `seq` of a chain; `undefined` if the bundle does not hold it. */
export function leafOf(chain: CheckedChain, seq: number): Uint8Array | undefined {
  const i = seq - chain.first;
  if (i < 0 || i >= chain.count) return undefined;
  return chain.leaves.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES);
}

export function isIncluded(c: Case, leaf: Uint8Array, at: LeafProof): boolean {
  const { size, root } = c.bundle.checkpoint;
  return inclusionHolds(c.primitives.sha256, leaf, at.index, size, hashesOf(at.proof), root);
}

/** Inclusion in a tree that a seal names. */
export function isInTree(c: Case, tree: SealedTree, leaf: Uint8Array, at: LeafProof): boolean {
  const root = decodeBase64(tree.root)!;
  return inclusionHolds(c.primitives.sha256, leaf, at.index, tree.size, hashesOf(at.proof), root);
}

/** The form has been checked: every text is the base64 of 32 bytes. */
export function hashesOf(proof: string[]): Uint8Array[] {
  return proof.map((hash) => decodeBase64(hash)!);
}

export function isHashOf(hash: Uint8Array, text: unknown): boolean {
  const bytes = typeof text === 'string' ? decodeBase64(text) : undefined;
  return bytes !== undefined && sameBytes(bytes, hash);
}
