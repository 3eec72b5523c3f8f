/** What is in a bundle, a trust file and a pin once they were read, and what the steps hand on. */
import type { Json, JsonObject } from '@vitrine/schema/record';
import type { ChainErrorCode } from '../error.ts';
import type { Primitives } from './primitives.ts';
import type {
  ChainState,
  Claim,
  Failure,
  FailureCode,
  Loss,
  Redaction,
  Verdict,
  VerifyOptions,
} from './verdict.ts';

export type * from './verdict.ts';

/** An index and an audit path, leaf to root; hashes are the base64 of 32 bytes. */
export interface Place {
  index: number;
  proof: string[];
}

/** Both base64; the salt is of 16 bytes. */
export interface Part {
  salt: string;
  data: string;
}

/** The parts of a chain by `seq`, then by name. */
export type Given = Record<string, Record<string, Part>>;

export interface AttachedLeaf extends Place {
  record: string;
}

export interface Neighbour extends Place {
  leaf: string;
}

export interface BundleChain {
  chain: string;
  /** `seq` of the first of `records`. */
  first: number;
  /** At least one. */
  records: string[];
  /** `null`: the bundle was made without the parts of this chain. */
  parts: Given | null;
  /** Of the last of `records`, in the log. */
  tip: Place;
  /** Of the chain's head, in the heads tree of the seal. */
  head?: Place;
}

/** Whatever a claim has beside its type: each type has some of them. */
export interface ClaimMembers {
  session?: string;
  chain?: string;
  first?: number;
  last?: number;
  index?: number;
  day?: string;
}

/** A bundle whose form is right. */
export interface Bundle {
  format: string;
  claim: Claim;
  checkpoint: CheckpointNote;
  seal: { record: string; proof: string[] };
  chains: BundleChain[];
  attached: AttachedLeaf[];
  neighbours?: Neighbour[];
  consistency?: { from: CheckpointNote; proof: string[] };
}

export interface Pin {
  origin: string;
  size: number;
  /** Base64. */
  root: string;
  note: CheckpointNote;
}

/** The same as they stand in their files. */
export type PinText = Omit<Pin, 'note'> & { note: string };
export type BundleText = Omit<Bundle, 'checkpoint' | 'consistency'> & {
  checkpoint: string;
  consistency?: { from: string; proof: string[] };
};

export interface NoteSignature {
  name: string;
  /** 8 hex digits */
  keyId: string;
  /** What follows the key id. */
  signature: Uint8Array<ArrayBuffer>;
}

export interface SignedText {
  origin: string;
  /** What is signed: the checkpoint's three lines. */
  text: string;
  signatures: NoteSignature[];
}

export interface CheckpointNote extends SignedText {
  size: number;
  /** Base64. */
  root: string;
}

export interface VerifierKey {
  name: string;
  /** 8 hex digits */
  keyId: string;
  type: number;
  publicKey: Uint8Array<ArrayBuffer>;
}

export interface TrustedKey extends VerifierKey {
  /** Of a witness: its name in the trust file. */
  label: string;
  /** Of a log: half-open intervals of tree sizes. Empty: every size. */
  intervals: { from: number; to: number }[];
}

/** `need` of `members` must have cosigned. */
export type Quorum = { witness: string } | { need: number; members: Quorum[] };

export interface Trust {
  logs: TrustedKey[];
  witnesses: TrustedKey[];
  /** `null`: no cosignature is asked for. */
  quorum: Quorum | null;
}

/** A trust file while it is read. */
export interface Policy {
  sha256: (bytes: Uint8Array) => Uint8Array;
  trust: Trust;
  /** Witnesses and groups. */
  named: Map<string, Quorum>;
  /** Names that stand in a group already. */
  grouped: Set<string>;
  intervals: { keyId: string; from: number; to: number }[];
  quorums: number;
}

/** A signature line under a trusted key: what Ed25519 is asked, and its answer. */
export interface Signature {
  note: SignedText;
  /** Position of the line. */
  line: number;
  key: TrustedKey;
  /** Unix nanoseconds, of a witness. */
  timeNs: bigint | null;
  message: Uint8Array<ArrayBuffer>;
  signature: Uint8Array<ArrayBuffer>;
  /** Under a weak key nothing verifies: nobody is asked. */
  isAskable: boolean;
  good: boolean;
}

export interface Inputs {
  sha256: (bytes: Uint8Array) => Uint8Array;
  /** Base64. */
  leafHash: (text: string) => string;
  bundle: Bundle;
  trust: Trust;
  pin: Pin | null;
  signatures: Signature[];
  options: VerifyOptions;
}

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

/** What is verified, by what trust file, and how. */
export type Asked = [bytes: Uint8Array, trust: string, options: VerifyOptions];
export type Hashes = Pick<Primitives, 'sha256' | 'leafHash'>;

export type { Ed25519Subtle, Primitives } from './primitives.ts';
