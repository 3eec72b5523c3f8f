/**
 * Random trees: ours, merkletreejs (in `buildTree`) and the RFC's own recursion have one root, the
 * same paths, and accept and refuse the same changed ones.
 */
import assert from 'node:assert/strict';
import {
  buildTree,
  CompactRange,
  consistencyPath,
  inclusionPath,
  type NodeReader,
  nodeHash,
  TiledTree,
  verifyConsistency,
  verifyInclusion,
} from '@vitrine/chain';
import { type Random, randomOf } from './fuzz/mutate.ts';
import { leafOf, path, proof, rootByPath, rootsByProof, treeHash } from './rfc9162.ts';

const SIZE_MAX = 2_000;
const SEED = 6_962;
/** Leaves of a tree that are looked at. */
const LEAVES = 4;

export interface Compared {
  trees: number;
  inclusions: number;
  consistencies: number;
  /** Changed proofs, on whose refusal all agreed. */
  refused: number;
}

/** The first ones are 1 to 40; then every second is a power of two, or one beside it. */
function sizeOf(random: Random, tree: number): number {
  if (tree < 40) return tree + 1;
  if (random(2) === 0) return 1 + random(SIZE_MAX);
  return Math.max(1, 2 ** random(11) + random(3) - 1);
}

export async function compareTrees(trees: number): Promise<Compared> {
  const random = randomOf(SEED);
  const compared: Compared = { trees, inclusions: 0, consistencies: 0, refused: 0 };
  for (let tree = 0; tree < trees; tree++) {
    const size = sizeOf(random, tree);
    const leaves = Array.from({ length: size }, (_, i) => leafOf(Buffer.from(`${tree} ${i}`)));
    const root = treeHash(leaves);
    const built = buildTree(leaves);
    const [range, tiled] = [new CompactRange(), new TiledTree()];
    for (const leaf of leaves) {
      range.append(leaf);
      tiled.append(leaf);
    }
    for (const one of [built.root, range.root(), tiled.root()]) {
      assert.ok(root.equals(one), `root of ${size}`);
    }
    const read = readerOf(leaves);
    for (let i = 0; i < LEAVES; i++) {
      const index = [0, size - 1][i] ?? random(size);
      await compareInclusion({ random, leaves, root, read, compared }, index, built.path(index));
      const from = [1, size][i] ?? 1 + random(size);
      await compareConsistency({ random, leaves, root, read, compared }, from);
    }
  }
  return compared;
}

interface Tree {
  random: Random;
  leaves: Buffer[];
  root: Buffer;
  read: NodeReader;
  compared: Compared;
}

/** Complete subtrees, by hashing level upon level. */
function readerOf(leaves: Buffer[]): NodeReader {
  const levels = [leaves];
  while (levels.at(-1)!.length > 1) {
    const below = levels.at(-1)!;
    const pairs = Array.from({ length: Math.floor(below.length / 2) }, (_, i) => 2 * i);
    levels.push(pairs.map((i) => nodeHash(below[i]!, below[i + 1]!)));
  }
  return (level, index) => Promise.resolve(levels[level]![index]!);
}

async function compareInclusion(tree: Tree, index: number, theirs: Buffer[]): Promise<void> {
  const { random, leaves, root, read, compared } = tree;
  const size = leaves.length;
  const steps = path(index, leaves);
  assert.deepEqual(await inclusionPath(index, size, read), steps, `${index} of ${size}`);
  assert.deepEqual(theirs, steps, `merkletreejs: ${index} of ${size}`);
  const leaf = leaves[index]!;
  for (const [i, n, changed] of changesOf(random, index, size, steps)) {
    const expected = rootByPath(leaf, i, n, changed)?.equals(root) ?? false;
    const where = `${i} of ${n}, made for ${index} of ${size}`;
    assert.equal(verifyInclusion(leaf, i, n, changed, root), expected, where);
    if (!expected) compared.refused++;
  }
  compared.inclusions++;
}

async function compareConsistency({ random, ...tree }: Tree, from: number): Promise<void> {
  const { leaves, root, read, compared } = tree;
  const size = leaves.length;
  const steps = proof(from, leaves);
  assert.deepEqual(await consistencyPath(from, size, read), steps, `${from} to ${size}`);
  const old = treeHash(leaves.slice(0, from));
  for (const [m, n, changed] of changesOf(random, from, size, steps)) {
    if (m === 0) continue;
    const roots = rootsByProof(m, n, changed, old);
    const expected = (roots?.[0].equals(old) && roots[1].equals(root)) ?? false;
    const where = `${m} to ${n}, made for ${from} to ${size}`;
    const [older, newer] = [
      { size: m, root: old },
      { size: n, root },
    ];
    assert.equal(verifyConsistency(older, newer, changed), expected, where);
    if (!expected) compared.refused++;
  }
  compared.consistencies++;
}

/** The proof as it is, for its neighbours, and with a hash gone, twice, swapped or with one bit. */
function* changesOf(
  random: Random,
  index: number,
  size: number,
  steps: Buffer[],
): Generator<[index: number, size: number, steps: Buffer[]]> {
  yield [index, size, steps];
  for (const by of [-1, 1]) {
    if (index + by >= 0) yield [index + by, size, steps];
    if (size + by > 0) yield [index, size + by, steps];
  }
  yield [random(size), size, steps];
  yield [index, size, steps.slice(1)];
  yield [index, size, steps.slice(0, -1)];
  yield [index, size, [...steps, leafOf(Buffer.alloc(0))]];
  if (steps.length === 0) return;
  const at = random(steps.length);
  yield [index, size, steps.toSpliced(at, 0, steps[at]!)];
  yield [index, size, steps.toReversed()];
  const flipped = Buffer.from(steps[at]!);
  flipped[random(32)]! ^= 1 << random(8);
  yield [index, size, steps.with(at, flipped)];
}
