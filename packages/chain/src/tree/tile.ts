/**
 * Trees that are built once from all their hashes: the 256-leaf tiles, and the heads tree. The only
 * file that may import merkletreejs, in the one configuration that equals RFC 6962; its verifier
 * and its multiproofs accept forgeries and are never used.
 */
import { MerkleTree } from 'merkletreejs';
import { ChainError } from '../error.ts';
import { sha256 } from '../hash/node.ts';

/** C2SP tlog-tiles: hashes of one full tile. */
export const TILE_WIDTH = 256;

export interface BuiltTree {
  root: Buffer;
  /** RFC 6962 audit path of leaf `i`, from the leaf to the root. */
  path(i: number): Buffer[];
}

export function buildTree(hashes: Buffer[]): BuiltTree {
  const path = (i: number): Buffer[] => {
    const leaf = hashes[i];
    if (leaf === undefined) throw new ChainError('PROOF_INVALID', `there is no leaf ${i}`);
    return tree.getProof(leaf, i).map((step) => step.data);
  };
  // The library gives the empty tree a root of no bytes; RFC 6962 §2.1 says SHA-256 of nothing.
  if (hashes.length === 0) return { root: sha256(Buffer.alloc(0)), path };
  const tree = new MerkleTree(hashes, sha256, { concatenator: joinNodes });
  return { root: tree.getRoot(), path };
}

function joinNodes(pair: Buffer[]): Buffer {
  const joined = Buffer.allocUnsafe(65);
  joined[0] = 1;
  joined.set(pair[0]!, 1);
  joined.set(pair[1]!, 33);
  return joined;
}
