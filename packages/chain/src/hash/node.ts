/**
 * SHA-256 of Node, and the log's hashes bound to it. `crypto.hash` with a one-byte string as output
 * is about three times as fast as with a buffer: nothing but the digest is allocated.
 */
import { hash } from 'node:crypto';
import { commitPart, HASH_BYTES, hashLeaf, hashNode } from './rfc6962.ts';

export const ZERO_HASH: Buffer = Buffer.alloc(HASH_BYTES);

export function sha256(bytes: Uint8Array): Buffer {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'latin1');
}

/** Leaf hash of a record: also the link the next record of its chain carries (LOG.md §1). */
export function leafHash(record: Uint8Array): Buffer {
  return hashLeaf(sha256, record);
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return hashNode(sha256, left, right);
}

/** Commitment of a part: nothing about `data` can be learned from it once `salt` is gone. */
export function partCommitment(salt: Uint8Array, data: Uint8Array): Buffer {
  return commitPart(sha256, salt, data);
}

/** A view, not a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
