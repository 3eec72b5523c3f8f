/** What is in a bundle, a trust file and a pin once they were read. */
import type { Primitives } from './primitives.ts';
import type { Claim, VerifyOptions } from './verdict.ts';

export type * from './found.ts';
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

/** What is verified, by what trust file, and how. */
export type Asked = [bytes: Uint8Array, trust: string, options: VerifyOptions];
export type Hashes = Pick<Primitives, 'sha256' | 'leafHash'>;

export type { Ed25519Subtle, Primitives } from './primitives.ts';
