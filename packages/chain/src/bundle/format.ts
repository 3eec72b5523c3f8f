/** What a bundle is (LOG.md §4), once its form was checked. */
import type { CheckpointNote } from '../note/checkpoint.ts';

export const BUNDLE_FORMAT = 'vitrine-bundle/1';

export type Claim =
  | { type: 'session'; session: string }
  | { type: 'range'; chain: string; first: number; last: number }
  | { type: 'event'; index: number }
  | { type: 'absent'; session: string }
  | { type: 'inactive'; session: string; day: string };

/** An index and an audit path, leaf to root; hashes are the base64 of 32 bytes. */
export interface LeafProof {
  index: number;
  proof: string[];
}

export interface BundlePart {
  seq: number;
  name: string;
  /** Base64 of 16 bytes. */
  salt: string;
  /** Base64. */
  data: string;
}

export interface AttachedLeaf extends LeafProof {
  record: string;
}

export interface Neighbour extends LeafProof {
  leaf: string;
}

/**
 * An array of the file: where it begins, and how many items it has. They are read when asked for.
 */
export interface Located {
  at: number;
  count: number;
}

export interface BundleChain {
  chain: string;
  /** `seq` of the first of `records`. */
  first: number;
  /** Texts; at least one. */
  records: Located;
  /** Where the object of parts begins; `null`: the bundle was made without those of this chain. */
  partsAt: number | null;
  /** Of the last of `records`, in the log. */
  tip: LeafProof;
  /** Of the chain's head, in the heads tree of the seal. */
  head: LeafProof | undefined;
}

/**
 * A bundle whose form is right. What can be many stays text until it is asked for, so that a file
 * takes little more memory than its own size.
 */
export interface Bundle {
  text: string;
  claim: Claim;
  checkpoint: CheckpointNote;
  seal: { record: string; proof: string[] };
  chains: BundleChain[];
  attached: Located;
  neighbours?: Located;
  consistency?: { from: CheckpointNote; proof: string[] };
}
