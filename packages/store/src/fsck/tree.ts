/**
 * The tree again, batch by batch. Where a record and its stored leaf hash differ, the signed root
 * decides which of the two the log has committed to.
 */
import { type FullTile, TiledTree } from '@vitrine/chain';

export interface LeafPair {
  /** Hash of the record's bytes. */
  computed: Buffer;
  /** The stored column. */
  stored: Buffer;
}

export class TreeReplay {
  #tree = new TiledTree();
  /** A root did not come out right: what follows from that is not said again. */
  #lost = false;

  get size(): number {
    return this.#tree.size;
  }

  get lost(): boolean {
    return this.#lost;
  }

  root(): Buffer {
    return this.#tree.root();
  }

  /**
   * Appends a batch; `root` is what its checkpoint says, if it says so validly. Returns the tiles
   * that were filled, and whether the root came out.
   */
  append(leaves: LeafPair[], root: Buffer | undefined): { tiles: FullTile[]; right: boolean } {
    const before = leaves.some((leaf) => leaf.computed !== leaf.stored) ? this.#tree.copy() : null;
    const tiles = appendAll(this.#tree, leaves, 'computed');
    if (root === undefined || this.#tree.root().equals(root)) return { tiles, right: true };
    if (before !== null) {
      const stored = appendAll(before, leaves, 'stored');
      if (before.root().equals(root)) {
        this.#tree = before;
        return { tiles: stored, right: true };
      }
    }
    this.#lost = true;
    return { tiles, right: false };
  }
}

function appendAll(tree: TiledTree, leaves: LeafPair[], which: keyof LeafPair): FullTile[] {
  const tiles: FullTile[] = [];
  for (const leaf of leaves) {
    for (const tile of tree.append(leaf[which])) tiles.push(tile);
  }
  return tiles;
}
