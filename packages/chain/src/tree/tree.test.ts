import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { leafHash, nodeHash, sha256 } from '../hash/node.ts';
import { CompactRange } from './compact-range.ts';
import {
  consistencyPath,
  inclusionPath,
  type NodeReader,
  verifyConsistency,
  verifyInclusion,
} from './inclusion.ts';
import { buildTree } from './tile.ts';

const SIZES = 300;
const LEAVES = Array.from({ length: SIZES }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)));

/** RFC 6962 §2.1, word for word. */
function rootOf(leaves: Buffer[]): Buffer {
  if (leaves.length === 0) return sha256(Buffer.alloc(0));
  if (leaves.length === 1) return leaves[0]!;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

const ROOTS = Array.from({ length: SIZES + 1 }, (_, n) => rootOf(LEAVES.slice(0, n)));

/** Fails when it is asked for anything but a complete subtree of the tree of `size` leaves. */
function readerOf(size: number): NodeReader {
  return (level, index) => {
    const first = index * 2 ** level;
    const end = first + 2 ** level;
    assert.ok(end <= size, `asked for [${first}, ${end}) of ${size}`);
    return Promise.resolve(rootOf(LEAVES.slice(first, end)));
  };
}

test('hashes are those of the RFC 6962 reference', () => {
  const leaf = 'L123456';
  assert.equal(
    leafHash(Buffer.from(leaf)).toString('hex'),
    '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56',
  );
  assert.equal(
    leafHash(Buffer.alloc(0)).toString('hex'),
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  );
  const pad = (text: string): Buffer => Buffer.from(text);
  const joined = sha256(Buffer.concat([Buffer.from([1]), pad('N123'), pad('N456')]));
  assert.equal(
    joined.toString('hex'),
    'aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb',
  );
  assert.deepEqual(nodeHash(ROOTS[1]!, ROOTS[2]!), rootOf([ROOTS[1]!, ROOTS[2]!]));
});

test('a leaf longer than any record has a hash as well', () => {
  const long = Buffer.alloc(200_000, 7);
  assert.deepEqual(leafHash(long), sha256(Buffer.concat([Buffer.from([0]), long])));
});

test('compact range and merkletreejs give the roots of RFC 6962, and every path', () => {
  const range = new CompactRange();
  for (let size = 0; size <= SIZES; size++) {
    const root = ROOTS[size]!;
    assert.deepEqual(range.root(), root, `compact range of ${size}`);
    const built = buildTree(LEAVES.slice(0, size));
    assert.deepEqual(built.root, root, `merkletreejs of ${size}`);
    const step = size < 40 ? 1 : 37;
    for (let i = 0; i < size; i += step) {
      const path = built.path(i);
      assert.ok(verifyInclusion(LEAVES[i]!, i, size, path, root), `leaf ${i} of ${size}`);
      assert.ok(!verifyInclusion(LEAVES[i]!, i + 1, size, path, root));
    }
    if (size < SIZES) range.append(LEAVES[size]!);
  }
});

test('a compact range goes on where its hashes left off', () => {
  for (const size of [0, 1, 2, 3, 7, 8, 100, 255, 256]) {
    const range = new CompactRange();
    for (const leaf of LEAVES.slice(0, size)) range.append(leaf);
    const copy = CompactRange.fromHashes(size, range.hashes());
    copy.append(LEAVES[size]!);
    assert.deepEqual(copy.root(), ROOTS[size + 1]);
    assert.equal(range.size, size);
    assert.throws(
      () => CompactRange.fromHashes(size + 1, [...range.hashes(), ...LEAVES.slice(0, 9)]),
      {
        code: 'TREE_INVALID',
      },
    );
  }
  assert.throws(() => CompactRange.fromHashes(1, [Buffer.alloc(31)]), { code: 'TREE_INVALID' });
});

test('inclusion paths ask for complete subtrees only, as merkletreejs has them', async () => {
  for (const size of [1, 2, 3, 5, 8, 100, 255, 256, 257, 300]) {
    const built = buildTree(LEAVES.slice(0, size));
    for (let i = 0; i < size; i += size > 20 ? 23 : 1) {
      assert.deepEqual(
        await inclusionPath(i, size, readerOf(size)),
        built.path(i),
        `${i} of ${size}`,
      );
    }
  }
  await assert.rejects(inclusionPath(3, 3, readerOf(3)), { code: 'PROOF_INVALID' });
  await assert.rejects(inclusionPath(-1, 3, readerOf(3)), { code: 'PROOF_INVALID' });
});

test('consistency paths hold for their two trees and for no others', async () => {
  for (const size of [1, 2, 3, 6, 7, 8, 64, 100, 257]) {
    for (let from = 1; from <= size; from += size > 20 ? 13 : 1) {
      const path = await consistencyPath(from, size, readerOf(size));
      const older = { size: from, root: ROOTS[from]! };
      const newer = { size, root: ROOTS[size]! };
      assert.ok(verifyConsistency(older, newer, path), `${from} to ${size}`);
      assert.ok(!verifyConsistency({ ...older, root: ROOTS[from - 1]! }, newer, path));
      assert.ok(!verifyConsistency(older, { ...newer, root: ROOTS[size - 1]! }, path));
      assert.ok(!verifyConsistency(older, newer, [...path, ROOTS[0]!]));
      if (path.length > 0) assert.ok(!verifyConsistency(older, newer, path.slice(1)));
    }
  }
  await assert.rejects(consistencyPath(0, 3, readerOf(3)), { code: 'PROOF_INVALID' });
});

interface Probe {
  name: string;
  leafIdx: number;
  treeSize: number;
  root: string;
  leafHash: string;
  size1: number;
  size2: number;
  root1: string;
  root2: string;
  proof: string[] | null;
  wantErr: boolean;
}

function probes(name: string): Probe[] {
  const url = new URL(`../../../../test/vectors/merkle/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Probe[];
}

const bytes = (text: string | null): Buffer => Buffer.from(text ?? '', 'base64');

test('98 inclusion probes of transparency-dev/merkle', () => {
  const all = probes('inclusion');
  assert.equal(all.length, 98);
  for (const p of all) {
    const path = (p.proof ?? []).map(bytes);
    const holds = verifyInclusion(bytes(p.leafHash), p.leafIdx, p.treeSize, path, bytes(p.root));
    assert.equal(holds, !p.wantErr, p.name);
  }
});

test('98 consistency probes of transparency-dev/merkle', () => {
  const all = probes('consistency');
  assert.equal(all.length, 98);
  for (const p of all) {
    const older = { size: p.size1, root: bytes(p.root1) };
    const newer = { size: p.size2, root: bytes(p.root2) };
    assert.equal(verifyConsistency(older, newer, (p.proof ?? []).map(bytes)), !p.wantErr, p.name);
  }
});

test('indices beyond 32 bits are positions, not remainders', () => {
  const size = 2 ** 40 + 1;
  const path = [sha256(Buffer.from('left'))];
  const root = nodeHash(path[0]!, LEAVES[0]!);
  assert.ok(verifyInclusion(LEAVES[0]!, size - 1, size, path, root));
  assert.ok(!verifyInclusion(LEAVES[0]!, 0, size, path, root));
  assert.ok(!verifyInclusion(LEAVES[0]!, 2 ** 53, 2 ** 53 + 2, path, root));
});
