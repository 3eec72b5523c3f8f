/** The hashes of the log by their names, over any SHA-256 (LOG.md §1, RFC 6962 §2.1). */
import {
  hashBehind,
  PART_PREFIX,
  RFC6962_LEAF_PREFIX,
  RFC6962_NODE_PREFIX,
  type Sha256,
} from '../verify/bytes.ts';

export const HASH_BYTES = 32;

/** Leaf hash of a record: also the link the next record of its chain carries. */
export function hashLeaf<H extends Uint8Array>(sha256: Sha256<H>, record: Uint8Array): H {
  return hashBehind(sha256, RFC6962_LEAF_PREFIX, record);
}

export function hashNode<H extends Uint8Array>(
  sha256: Sha256<H>,
  left: Uint8Array,
  right: Uint8Array,
): H {
  return hashBehind(sha256, RFC6962_NODE_PREFIX, left, right);
}

/** Commitment of a part: nothing about `data` can be learned from it once `salt` is gone. */
export function commitPart<H extends Uint8Array>(
  sha256: Sha256<H>,
  salt: Uint8Array,
  data: Uint8Array,
): H {
  return hashBehind(sha256, PART_PREFIX, salt, data);
}
