/**
 * The three hashes of the log over any SHA-256 (LOG.md §1, RFC 6962 §2.1). A scratch buffer is
 * reused: the hash function must be synchronous and must not keep its argument.
 */
import { RECORD_BYTES_MAX } from '@vitrine/schema/record';

export type Sha256<H extends Uint8Array = Uint8Array> = (bytes: Uint8Array) => H;

export const HASH_BYTES = 32;
export const RFC6962_LEAF_PREFIX = 0;
export const RFC6962_NODE_PREFIX = 1;
/** LOG.md §1: keeps a part's commitment apart from every leaf and node. */
export const PART_PREFIX = 2;

const node = new Uint8Array(1 + 2 * HASH_BYTES);
node[0] = RFC6962_NODE_PREFIX;
const short = new Uint8Array(1 + RECORD_BYTES_MAX);

export function hashLeaf<H extends Uint8Array>(sha256: Sha256<H>, record: Uint8Array): H {
  const { length } = record;
  const framed = length < short.length ? short : new Uint8Array(1 + length);
  framed[0] = RFC6962_LEAF_PREFIX;
  framed.set(record, 1);
  return sha256(framed.subarray(0, 1 + length));
}

export function hashNode<H extends Uint8Array>(
  sha256: Sha256<H>,
  left: Uint8Array,
  right: Uint8Array,
): H {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return sha256(node);
}

export function commitPart<H extends Uint8Array>(
  sha256: Sha256<H>,
  salt: Uint8Array,
  data: Uint8Array,
): H {
  const framed = new Uint8Array(1 + salt.length + data.length);
  framed[0] = PART_PREFIX;
  framed.set(salt, 1);
  framed.set(data, 1 + salt.length);
  return sha256(framed);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
