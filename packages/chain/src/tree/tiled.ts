/**
 * A growing RFC 6962 tree that hands out its tiles (C2SP tlog-tiles): the open end of every tile
 * level, from which the root follows, so that no node is hashed twice. Owned by whoever appends.
 */
import { HASH_BYTES } from '../hash/rfc6962.ts';
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

interface Edge {
  full: number;
  /** Hashes in `open`, which has room for all of a tile. */
  count: number;
  open: Buffer;
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
      const edge = newEdge(full);
      for (const hash of open) push(edge, hash);
      tree.#edges.push(edge);
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
    push(lowest, leaf);
    return lowest.count < TILE_WIDTH ? NO_TILES : this.#carry();
  }

  root(): Buffer {
    const hashes = this.#edges.toReversed().flatMap(({ range }) => range.hashes());
    return CompactRange.fromHashes(this.#size, hashes).root();
  }

  /** Grows on its own. */
  copy(): TiledTree {
    const levels = this.#edges.map(({ full, count, open }) => {
      const at = (i: number): Buffer => open.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES);
      return { full, open: Array.from({ length: count }, (_, i) => at(i)) };
    });
    return TiledTree.fromLevels(levels);
  }

  /** The root of a full tile is the next hash of the level above. */
  #carry(): FullTile[] {
    const filled: FullTile[] = [];
    for (let level = 0; ; level++) {
      const edge = this.#edge(level);
      if (edge.count < TILE_WIDTH) return filled;
      filled.push({ level, n: edge.full, hashes: edge.open });
      this.#edges[level] = newEdge(edge.full + 1);
      push(this.#edge(level + 1), edge.range.root());
    }
  }

  #edge(level: number): Edge {
    this.#edges[level] ??= newEdge(0);
    return this.#edges[level]!;
  }
}

function newEdge(full: number): Edge {
  const open = Buffer.alloc(TILE_WIDTH * HASH_BYTES);
  return { full, count: 0, open, range: new CompactRange() };
}

function push(edge: Edge, hash: Buffer): void {
  edge.range.append(hash);
  hash.copy(edge.open, edge.count * HASH_BYTES);
  edge.count++;
}
