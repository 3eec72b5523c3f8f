/**
 * Verification of inclusion and consistency (RFC 9162 §2.1.3.2, §2.1.4.2) over any SHA-256. Plain
 * arithmetic instead of bit operators: indices go up to 2^53.
 */
import { HASH_BYTES, hashNode, type Sha256, sameBytes } from '../hash/rfc6962.ts';

export function inclusionHolds(
  sha256: Sha256,
  leaf: Uint8Array,
  index: number,
  size: number,
  path: Uint8Array[],
  root: Uint8Array,
): boolean {
  const reached = inclusionRoot(sha256, leaf, index, size, path);
  return reached !== undefined && sameBytes(reached, root);
}

/** Where a path leads; `undefined` if no leaf `index` of a tree of `size` has one like it. */
export function inclusionRoot(
  sha256: Sha256,
  leaf: Uint8Array,
  index: number,
  size: number,
  path: Uint8Array[],
): Uint8Array | undefined {
  if (!isSize(index) || !isSize(size) || index >= size) return undefined;
  if (!areHashes([leaf, ...path])) return undefined;
  let fn = index;
  let sn = size - 1;
  let hash = leaf;
  for (const step of path) {
    if (sn === 0) return undefined;
    if (fn % 2 === 1 || fn === sn) {
      hash = hashNode(sha256, step, hash);
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      hash = hashNode(sha256, hash, step);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 ? hash : undefined;
}

/** The tree of `from` leaves is a prefix of the tree of `size` leaves. From 0 nothing is proven. */
export function consistencyHolds(
  sha256: Sha256,
  from: { size: number; root: Uint8Array },
  to: { size: number; root: Uint8Array },
  path: Uint8Array[],
): boolean {
  if (!isSize(from.size) || !isSize(to.size)) return false;
  if (from.size === 0 || from.size > to.size) return false;
  if (from.size === to.size) return path.length === 0 && sameBytes(from.root, to.root);
  if (!areHashes([from.root, to.root, ...path])) return false;
  let fn = from.size - 1;
  let sn = to.size - 1;
  while (fn % 2 === 1) {
    fn = half(fn);
    sn = half(sn);
  }
  const steps = fn === 0 ? [from.root, ...path] : path;
  if (path.length === 0) return false;
  let older = steps[0]!;
  let newer = steps[0]!;
  for (const step of steps.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      older = hashNode(sha256, step, older);
      newer = hashNode(sha256, step, newer);
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      newer = hashNode(sha256, newer, step);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && sameBytes(older, from.root) && sameBytes(newer, to.root);
}

function areHashes(hashes: Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === HASH_BYTES);
}

function half(n: number): number {
  return Math.floor(n / 2);
}

function isSize(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}
