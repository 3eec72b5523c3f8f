import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leafHash } from '../hash/node.ts';
import { CompactRange } from './compact-range.ts';
import { buildTree, TILE_WIDTH } from './tile.ts';
import { type FullTile, TiledTree, type TileLevel } from './tiled.ts';

/** Two tiles of level 1, and the borders around them. */
const LEAVES = Array.from({ length: 2 * TILE_WIDTH ** 2 + 3 }, (_, i) => {
  return leafHash(Buffer.from(`leaf ${i}`));
});

/** By the definition of C2SP tlog-tiles, from all hashes of a level. */
function tilesOf(level: number, hashes: Buffer[]): FullTile[] {
  return Array.from({ length: Math.floor(hashes.length / TILE_WIDTH) }, (_, n) => {
    const some = hashes.slice(n * TILE_WIDTH, (n + 1) * TILE_WIDTH);
    return { level, n, hashes: Buffer.concat(some) };
  });
}

function above(hashes: Buffer[]): Buffer[] {
  return tilesOf(0, hashes).map(({ n }) => {
    return buildTree(hashes.slice(n * TILE_WIDTH, (n + 1) * TILE_WIDTH)).root;
  });
}

test('the root is that of the tree without tiles, at every border', () => {
  const tiled = new TiledTree();
  const plain = new CompactRange();
  assert.deepEqual(tiled.root(), plain.root());
  for (const [i, leaf] of LEAVES.entries()) {
    tiled.append(leaf);
    plain.append(leaf);
    const near = Math.abs(((i + TILE_WIDTH) % TILE_WIDTH) - TILE_WIDTH / 2) > TILE_WIDTH / 2 - 3;
    if (i < 600 || near) assert.deepEqual(tiled.root(), plain.root(), `${i + 1} leaves`);
  }
  assert.equal(tiled.size, LEAVES.length);
});

test('each tile is handed out once, when it is full, the lowest level first', () => {
  const tiled = new TiledTree();
  const found = LEAVES.flatMap((leaf) => tiled.append(leaf));
  const first = above(LEAVES);
  const second = above(first);
  const expected = [...tilesOf(0, LEAVES), ...tilesOf(1, first), ...tilesOf(2, second)];
  const inOrder = (tiles: FullTile[]) => tiles.toSorted((a, b) => a.level - b.level || a.n - b.n);
  assert.deepEqual(inOrder(found), expected);
  const at = found.findIndex(({ level }) => level === 1);
  assert.deepEqual([found[at - 1]!.level, found[at - 1]!.n], [0, TILE_WIDTH - 1]);
});

test('it goes on from its levels, and a copy grows on its own', () => {
  const size = TILE_WIDTH ** 2 + 300;
  const head = LEAVES.slice(0, size);
  const levels: TileLevel[] = [head, above(head), above(above(head))].map((hashes) => {
    const full = Math.floor(hashes.length / TILE_WIDTH);
    return { full, open: hashes.slice(full * TILE_WIDTH) };
  });
  const read = TiledTree.fromLevels(levels);
  const copy = read.copy();
  const whole = new TiledTree();
  for (const leaf of head) whole.append(leaf);
  assert.deepEqual([read.size, read.root()], [size, whole.root()]);
  for (const leaf of LEAVES.slice(size)) {
    assert.deepEqual(copy.append(leaf), whole.append(leaf));
  }
  assert.deepEqual(copy.root(), whole.root());
  assert.equal(read.size, size);
  assert.notDeepEqual(read.root(), whole.root());
});
