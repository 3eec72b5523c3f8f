/**
 * The tree again, batch by batch. Where a record and its stored leaf hash differ, the signed root
 * decides which of the two the log has committed to.
 */
import { buildTree, CompactRange, sha256, TILE_WIDTH } from '@vitrine/chain';
import type { FullTile } from './tiles.ts';

export interface LeafPair {
  /** Hash of the record's bytes. */
  computed: Buffer;
  /** The stored column. */
  stored: Buffer;
}

export class TreeReplay {
  #tree = new CompactRange();
  readonly #levels: { full: number; open: Buffer[] }[] = [];
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
    const computed = this.#grown(leaves.map((leaf) => leaf.computed));
    const differs = leaves.some((leaf) => !leaf.computed.equals(leaf.stored));
    const take = (right: boolean, grown: Grown): { tiles: FullTile[]; right: boolean } => {
      this.#tree = grown.tree;
      this.#lost ||= !right;
      return { right, tiles: grown.leaves.flatMap((leaf) => this.#fill(leaf)) };
    };
    if (root === undefined || computed.tree.root().equals(root)) return take(true, computed);
    const stored = differs ? this.#grown(leaves.map((leaf) => leaf.stored)) : undefined;
    if (stored?.tree.root().equals(root) === true) return take(true, stored);
    return take(false, computed);
  }

  #grown(leaves: Buffer[]): Grown {
    const tree = CompactRange.fromHashes(this.#tree.size, this.#tree.hashes());
    for (const leaf of leaves) tree.append(leaf);
    return { tree, leaves };
  }

  #fill(leaf: Buffer): FullTile[] {
    const filled: FullTile[] = [];
    let hash = leaf;
    for (let level = 0; ; level++) {
      this.#levels[level] ??= { full: 0, open: [] };
      const edge = this.#levels[level]!;
      edge.open.push(hash);
      if (edge.open.length < TILE_WIDTH) return filled;
      const digest = sha256(Buffer.concat(edge.open)).toString('base64');
      filled.push({ level, n: edge.full, sha256: digest });
      hash = buildTree(edge.open).root;
      edge.full++;
      edge.open = [];
    }
  }
}

interface Grown {
  tree: CompactRange;
  leaves: Buffer[];
}
