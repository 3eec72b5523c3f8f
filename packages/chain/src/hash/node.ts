/**
 * SHA-256 of Node, and the log's hashes bound to it. `crypto.hash` with a one-byte string as output
 * is about three times as fast as with a buffer: nothing but the digest is allocated.
 */
import { hash } from 'node:crypto';
import { RECORD_BYTES_MAX } from '@vitrine/schema';
import { PART_PREFIX, RFC6962_LEAF_PREFIX, RFC6962_NODE_PREFIX } from '../verify/bytes.ts';
import { commitPart, HASH_BYTES, hashLeaf, hashNode } from './rfc6962.ts';

export const ZERO_HASH: Buffer = Buffer.alloc(HASH_BYTES);

export function sha256(bytes: Uint8Array): Buffer {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'latin1');
}

const leaf = Buffer.alloc(1 + RECORD_BYTES_MAX, RFC6962_LEAF_PREFIX);
const node = Buffer.alloc(1 + 2 * HASH_BYTES, RFC6962_NODE_PREFIX);
/** Larger parts are rare. */
const part = Buffer.alloc(RECORD_BYTES_MAX, PART_PREFIX);

/** Leaf hash of a record: also the link the next record of its chain carries (LOG.md §1). */
export function leafHash(record: Uint8Array): Buffer {
  const { length } = record;
  if (length > RECORD_BYTES_MAX) return hashLeaf(sha256, record);
  leaf.set(record, 1);
  return sha256(leaf.subarray(0, 1 + length));
}

/** The same of what is at hand as ASCII text, as text of 32 characters: one for each byte. */
export function leafBytesOfAscii(record: string): string {
  const prefix = String.fromCharCode(RFC6962_LEAF_PREFIX);
  return hash('sha256', prefix + record, 'binary');
}

/** The same in base64, of a record that is at hand as text; it is hashed in UTF-8. */
export function leafText(record: string): string {
  return hash('sha256', String.fromCharCode(RFC6962_LEAF_PREFIX) + record, 'base64');
}

/** The same in base64, of a record that stands behind the prefix already (RFC 6962 §2.1). */
export function framedLeafText(framed: Uint8Array): string {
  return hash('sha256', framed, 'base64');
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) {
    return hashNode(sha256, left, right);
  }
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return sha256(node);
}

/** A node above two hashes that stand in `hashes` goes to `to`, which may be in the same buffer. */
export function hashNodeInto(
  into: Buffer,
  to: number,
  hashes: Buffer,
  left: number,
  right: number,
): void {
  hashes.copy(node, 1, left, left + HASH_BYTES);
  hashes.copy(node, 1 + HASH_BYTES, right, right + HASH_BYTES);
  into.write(hash('sha256', node, 'binary'), to, HASH_BYTES, 'latin1');
}

/** Commitment of a part: nothing about `data` can be learned from it once `salt` is gone. */
export function partCommitment(salt: Uint8Array, data: Uint8Array): Buffer {
  return commitPart(sha256, salt, data);
}

/** The same in base64. */
export function commitmentText(salt: Uint8Array, data: Uint8Array): string {
  const length = 1 + salt.length + data.length;
  if (length > part.length) return partCommitment(salt, data).toString('base64');
  part.set(salt, 1);
  part.set(data, 1 + salt.length);
  return hash('sha256', part.subarray(0, length), 'base64');
}

/** A view, not a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
