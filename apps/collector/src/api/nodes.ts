/**
 * Hashes of complete subtrees, read from stored tiles and, for the open end, from leaves. Prover
 * only: verification never trusts what this returns.
 */
import { buildTree, TILE_WIDTH } from '@vitrine/chain';
import type { Store } from '@vitrine/store';

const TILE_LEVELS = 8;
const HASH_BYTES = 32;

/** `node(level, index)` hashes the leaves [index·2^level, (index+1)·2^level), all below `size`. */
export function nodeReader(
  store: Store,
  log: string,
  size: number,
): (level: number, index: number) => Promise<Buffer> {
  const tiles = new Map<string, Promise<Buffer[]>>();
  const tile = (level: number, n: number): Promise<Buffer[]> => {
    const key = `${level}/${n}`;
    let hashes = tiles.get(key);
    if (hashes === undefined) {
      hashes = readTile(store, log, size, level, n);
      tiles.set(key, hashes);
    }
    return hashes;
  };
  return async (level, index) => {
    const tileLevel = Math.floor(level / TILE_LEVELS);
    const span = 2 ** (level % TILE_LEVELS);
    const first = index * span;
    const hashes = await tile(tileLevel, Math.floor(first / TILE_WIDTH));
    const at = first % TILE_WIDTH;
    const under = hashes.slice(at, at + span);
    return under.length === 1 ? under[0]! : buildTree(under).root;
  };
}

async function readTile(
  store: Store,
  log: string,
  size: number,
  level: number,
  n: number,
): Promise<Buffer[]> {
  const width = tileWidth(size, level, n);
  if (width === TILE_WIDTH) {
    const stored = await store.tile(log, level, n);
    if (stored !== undefined) return split(stored);
  }
  return openTile(store, log, level, n, width);
}

/** How many hashes of a tile the tree of `size` has; 0 when it has not begun. */
export function tileWidth(size: number, level: number, n: number): number {
  const total = Math.floor(size / TILE_WIDTH ** level);
  return Math.max(0, Math.min(TILE_WIDTH, total - n * TILE_WIDTH));
}

/** The first hashes of a tile that need not be full: the roots of full tiles a level below. */
export async function openTile(
  store: Store,
  log: string,
  level: number,
  n: number,
  width: number,
): Promise<Buffer[]> {
  const first = n * TILE_WIDTH;
  if (level === 0) return store.leaves(log, first, first + width);
  const below = await store.tiles(log, level - 1, first, first + width);
  return below.map((tile) => buildTree(split(tile)).root);
}

function split(tile: Buffer): Buffer[] {
  return Array.from({ length: tile.length / HASH_BYTES }, (_, i) =>
    tile.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
}
