/**
 * The open end of every tile level. A full tile is handed out once, to be stored; its root is the
 * next hash of the level above (C2SP tlog-tiles).
 */
import { buildTree, TILE_WIDTH } from '@vitrine/chain';

export interface FullTile {
  level: number;
  n: number;
  hashes: Buffer;
}

export class TileEdge {
  /** Hashes of the unfinished tile of each level, and how many tiles are full before it. */
  readonly #levels: { full: number; open: Buffer[] }[];

  constructor(levels: { full: number; open: Buffer[] }[] = []) {
    this.#levels = levels;
  }

  /** Adds a leaf hash; returns the tiles it filled, lowest level first. */
  append(leaf: Buffer): FullTile[] {
    const filled: FullTile[] = [];
    let hash = leaf;
    for (let level = 0; ; level++) {
      this.#levels[level] ??= { full: 0, open: [] };
      const edge = this.#levels[level]!;
      edge.open.push(hash);
      if (edge.open.length < TILE_WIDTH) return filled;
      filled.push({ level, n: edge.full, hashes: Buffer.concat(edge.open) });
      hash = buildTree(edge.open).root;
      edge.full++;
      edge.open = [];
    }
  }
}
