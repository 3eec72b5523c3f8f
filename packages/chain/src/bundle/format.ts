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
  /** Base64 of 16 bytes. */
  salt: string;
  /** Base64. */
  data: string;
}

export interface BundleChain {
  chain: string;
  /** `seq` of the first of `records`. */
  first: number;
  records: string[];
  /** By `seq`, then by name; `null`: this bundle was made without the parts of this chain. */
  parts: Map<number, Map<string, BundlePart>> | null;
  /** Of the last of `records`, in the log. */
  tip: LeafProof;
  /** Of the chain's head, in the heads tree of the seal. */
  head?: LeafProof;
}

export interface AttachedLeaf extends LeafProof {
  record: string;
}

export interface Neighbour extends LeafProof {
  leaf: string;
}

export interface Bundle {
  claim: Claim;
  checkpoint: CheckpointNote;
  seal: { record: string; proof: string[] };
  chains: BundleChain[];
  attached: AttachedLeaf[];
  neighbours?: Neighbour[];
  consistency?: { from: CheckpointNote; proof: string[] };
}
