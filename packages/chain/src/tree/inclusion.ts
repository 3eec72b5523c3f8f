/**
 * Makes the paths of RFC 9162 §2.1.3.1 and §2.1.4.1 out of hashes of complete subtrees, wherever
 * those are kept, and verifies them with Node's SHA-256.
 */
import { ChainError } from '../error.ts';
import { nodeHash, sha256 } from '../hash/node.ts';
import { consistencyHolds, inclusionRoot } from '../verify/tree.ts';

/** Hash of the leaves [index·2^level, (index+1)·2^level); asked for complete subtrees only. */
export type NodeReader = (level: number, index: number) => Promise<Buffer>;

/** Audit path of leaf `index` in the tree of `size` leaves, from the leaf to the root. */
export async function inclusionPath(
  index: number,
  size: number,
  node: NodeReader,
): Promise<Buffer[]> {
  const known = Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0;
  if (!known || index >= size) {
    throw new ChainError('PROOF_INVALID', `a tree of ${size} has no leaf ${index}`);
  }
  const siblings: Promise<Buffer>[] = [];
  let [first, end] = [0, size];
  while (end - first > 1) {
    const middle = first + splitOf(end - first);
    if (index < middle) {
      siblings.push(rangeRoot(middle, end, node));
      end = middle;
    } else {
      siblings.push(rangeRoot(first, middle, node));
      first = middle;
    }
  }
  return Promise.all(siblings.reverse());
}

/** Proof that the tree of `from` leaves is a prefix of that of `size`; `from` is at least 1. */
export async function consistencyPath(
  from: number,
  size: number,
  node: NodeReader,
): Promise<Buffer[]> {
  const known = Number.isSafeInteger(from) && Number.isSafeInteger(size);
  if (!known || from < 1 || from > size) {
    throw new ChainError('PROOF_INVALID', `no tree of ${size} grows out of one of ${from}`);
  }
  const path: Promise<Buffer>[] = [];
  let [first, end] = [0, size];
  while (from !== end) {
    const middle = first + splitOf(end - first);
    if (from <= middle) {
      path.push(rangeRoot(middle, end, node));
      end = middle;
    } else {
      path.push(rangeRoot(first, middle, node));
      first = middle;
    }
  }
  if (first > 0) path.push(rangeRoot(first, end, node));
  return Promise.all(path.reverse());
}

export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: Uint8Array[],
  root: Uint8Array,
): boolean {
  const reached = inclusionRoot(sha256, leaf, index, size, path);
  return reached !== undefined && Buffer.compare(reached, root) === 0;
}

export function verifyConsistency(
  from: { size: number; root: Uint8Array },
  to: { size: number; root: Uint8Array },
  path: Uint8Array[],
): boolean {
  return consistencyHolds(sha256, from, to, path);
}

/** The largest power of two below `n` (RFC 6962 §2.1). */
function splitOf(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** `first` is a multiple of the largest power of two that is not larger than the range. */
async function rangeRoot(first: number, end: number, node: NodeReader): Promise<Buffer> {
  let span = 1;
  let level = 0;
  while (span * 2 <= end - first) {
    span *= 2;
    level++;
  }
  const left = node(level, first / span);
  if (first + span === end) return left;
  const [l, r] = await Promise.all([left, rangeRoot(first + span, end, node)]);
  return nodeHash(l, r);
}
