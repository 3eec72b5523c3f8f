/** The open end of a tree, out of the nodes that are stored. */
import { type NodeReader, TILE_WIDTH, TiledTree, type TileLevel } from '@vitrine/chain';

const TILE_BITS = Math.log2(TILE_WIDTH);

/** The tree of `size`: what its root then is says whether the nodes are the right ones. */
export async function treeAt(node: NodeReader, size: number): Promise<TiledTree> {
  const levels: TileLevel[] = [];
  for (let level = 0; TILE_WIDTH ** level <= size; level++) {
    const total = Math.floor(size / TILE_WIDTH ** level);
    const full = Math.floor(total / TILE_WIDTH);
    const open = Array.from({ length: total % TILE_WIDTH }, (_, i) =>
      node(level * TILE_BITS, full * TILE_WIDTH + i),
    );
    levels.push({ full, open: await Promise.all(open) });
  }
  return TiledTree.fromLevels(levels);
}
