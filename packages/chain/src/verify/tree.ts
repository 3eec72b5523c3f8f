/** Inclusion and consistency of RFC 6962 trees (RFC 9162 §2.1.3.2, §2.1.4.2), over any SHA-256. */
import { encodeBase64, hashBehind, RFC6962_NODE_PREFIX, type Sha256 } from './bytes.ts';
import { isCount } from './form.ts';

/** Where a path leads; `undefined` if no leaf `index` of a tree of `size` has one like it. */
export function inclusionRoot(
  sha256: Sha256,
  leaf: Uint8Array,
  index: number,
  size: number,
  path: Uint8Array[],
): Uint8Array | undefined {
  if (!isCount(index) || !isCount(size) || index >= size) return undefined;
  return climb(sha256, index, size - 1, leaf, path)?.newer;
}

/** The tree of `from` leaves is a prefix of that of `to` leaves. From 0 nothing is proven. */
export function consistencyHolds(
  sha256: Sha256,
  from: { size: number; root: Uint8Array },
  to: { size: number; root: Uint8Array },
  path: Uint8Array[],
): boolean {
  const isRoot = (tree: typeof from, hash?: Uint8Array): boolean =>
    !!hash && encodeBase64(tree.root) === encodeBase64(hash);
  if (!isCount(from.size) || !isCount(to.size) || from.size === 0) return false;
  if (from.size === to.size) return path.length === 0 && isRoot(to, from.root);
  if (from.size > to.size || path.length === 0) return false;
  let fn = from.size - 1;
  let sn = to.size - 1;
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)];
  const [start, ...rest] = fn === 0 ? [from.root, ...path] : path;
  const reached = climb(sha256, fn, sn, start!, rest);
  return isRoot(from, reached?.older) && isRoot(to, reached?.newer);
}

/** The loop that both have in common: `older` takes only the hashes that stand left of it. */
function climb(sha256: Sha256, index: number, last: number, start: Uint8Array, path: Uint8Array[]) {
  if ([start, ...path].some((hash) => hash.length !== 32)) return undefined;
  let [fn, sn] = [index, last];
  let [older, newer] = [start, start];
  for (const step of path) {
    if (sn === 0) return undefined;
    if (fn % 2 === 1 || fn === sn) {
      older = hashBehind(sha256, RFC6962_NODE_PREFIX, step, older);
      newer = hashBehind(sha256, RFC6962_NODE_PREFIX, step, newer);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      newer = hashBehind(sha256, RFC6962_NODE_PREFIX, newer, step);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 ? { older, newer } : undefined;
}

/** Bit operators would cut indices, which go up to 2^53. */
function half(n: number): number {
  return Math.floor(n / 2);
}
