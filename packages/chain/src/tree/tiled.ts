/**
 * A growing RFC 6962 tree that hands out its tiles (C2SP tlog-tiles): the open end of every tile
 * level, from which the root follows, so that no node is hashed twice. Owned by whoever appends.
 */
import { CompactRange } from './compact-range.ts';
import { TILE_WIDTH } from './tile.ts';

export interface FullTile {
  level: number;
  n: number;
  /** 256 hashes. */
  hashes: Buffer;
}

/** Hashes of the unfinished tile of a level, and how many tiles are full before it. */
export interface TileLevel {
  full: number;
  open: Buffer[];
}

interface Edge extends TileLevel {
  /** Over `open`. */
  range: CompactRange;
}

const NO_TILES: readonly FullTile[] = [];

export class TiledTree {
  #size = 0;
  readonly #edges: Edge[] = [];

  /** The lowest level first. */
  static fromLevels(levels: readonly TileLevel[]): TiledTree {
    const tree = new TiledTree();
    let span = 1;
    for (const { full, open } of levels) {
      const range = new CompactRange();
      for (const hash of open) range.append(hash);
      tree.#edges.push({ full, open: [...open], range });
      tree.#size += open.length * span;
      span *= TILE_WIDTH;
    }
    return tree;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf hash; returns the tiles it filled, the lowest level first. */
  append(leaf: Buffer): readonly FullTile[] {
    this.#size++;
    const lowest = this.#edge(0);
    lowest.open.push(leaf);
    lowest.range.append(leaf);
    return lowest.open.length < TILE_WIDTH ? NO_TILES : this.#carry();
  }

  root(): Buffer {
    const hashes = this.#edges.toReversed().flatMap(({ range }) => range.hashes());
    return CompactRange.fromHashes(this.#size, hashes).root();
  }

  /** Grows on its own. */
  copy(): TiledTree {
    return TiledTree.fromLevels(this.#edges);
  }

  /** The root of a full tile is the next hash of the level above. */
  #carry(): FullTile[] {
    const filled: FullTile[] = [];
    for (let level = 0; ; level++) {
      const edge = this.#edge(level);
      if (edge.open.length < TILE_WIDTH) return filled;
      filled.push({ level, n: edge.full, hashes: Buffer.concat(edge.open) });
      const root = edge.range.root();
      this.#edges[level] = { full: edge.full + 1, open: [], range: new CompactRange() };
      const above = this.#edge(level + 1);
      above.open.push(root);
      above.range.append(root);
    }
  }

  #edge(level: number): Edge {
    this.#edges[level] ??= { full: 0, open: [], range: new CompactRange() };
    return this.#edges[level]!;
  }
}
