/**
 * RFC 9162 §2.1 written down as it stands there, recursion by recursion, with nothing shared with
 * the code that is judged: D[n] is a list of leaf hashes, and every proof follows the splits.
 */
import { createHash } from 'node:crypto';

function hash(...parts: Uint8Array[]): Buffer {
  const sha256 = createHash('sha256');
  for (const part of parts) sha256.update(part);
  return sha256.digest();
}

export function leafOf(data: Uint8Array): Buffer {
  return hash(Buffer.from([0]), data);
}

function node(left: Uint8Array, right: Uint8Array): Buffer {
  return hash(Buffer.from([1]), left, right);
}

/** The largest power of two smaller than n. */
function split(n: number): number {
  return n <= 2 ? 1 : 2 * split(Math.ceil(n / 2));
}

/** §2.1.1: MTH(D[n]). */
export function treeHash(d: Buffer[]): Buffer {
  if (d.length === 0) return hash();
  if (d.length === 1) return d[0]!;
  const k = split(d.length);
  return node(treeHash(d.slice(0, k)), treeHash(d.slice(k)));
}

/** §2.1.3.1: PATH(m, D[n]). */
export function path(m: number, d: Buffer[]): Buffer[] {
  if (d.length === 1) return [];
  const k = split(d.length);
  if (m < k) return [...path(m, d.slice(0, k)), treeHash(d.slice(k))];
  return [...path(m - k, d.slice(k)), treeHash(d.slice(0, k))];
}

/** §2.1.4.1: PROOF(m, D[n]) for 0 < m <= n. */
export function proof(m: number, d: Buffer[]): Buffer[] {
  return subproof(m, d, true);
}

function subproof(m: number, d: Buffer[], known: boolean): Buffer[] {
  if (m === d.length) return known ? [] : [treeHash(d)];
  const k = split(d.length);
  if (m <= k) return [...subproof(m, d.slice(0, k), known), treeHash(d.slice(k))];
  return [...subproof(m - k, d.slice(k), false), treeHash(d.slice(0, k))];
}

/** The root that a path leads to from leaf m of n; `undefined` when it has another length. */
export function rootByPath(
  leaf: Buffer,
  m: number,
  n: number,
  steps: Buffer[],
): Buffer | undefined {
  if (m >= n) return undefined;
  if (n === 1) return steps.length === 0 ? leaf : undefined;
  const last = steps.at(-1);
  if (last === undefined) return undefined;
  const k = split(n);
  const rest = steps.slice(0, -1);
  const inner = m < k ? rootByPath(leaf, m, k, rest) : rootByPath(leaf, m - k, n - k, rest);
  if (inner === undefined) return undefined;
  return m < k ? node(inner, last) : node(last, inner);
}

/** The roots of the trees of m and n leaves that a consistency proof leads to. */
export function rootsByProof(
  m: number,
  n: number,
  steps: Buffer[],
  known: Buffer | undefined,
): [old: Buffer, young: Buffer] | undefined {
  if (m === n) {
    const root = known ?? steps[0];
    const whole = steps.length === (known === undefined ? 1 : 0);
    return whole && root !== undefined ? [root, root] : undefined;
  }
  const last = steps.at(-1);
  if (last === undefined || m > n) return undefined;
  const k = split(n);
  const rest = steps.slice(0, -1);
  if (m <= k) {
    const roots = rootsByProof(m, k, rest, known);
    return roots && [roots[0], node(roots[1], last)];
  }
  const roots = rootsByProof(m - k, n - k, rest, undefined);
  return roots && [node(last, roots[0]), node(last, roots[1])];
}
