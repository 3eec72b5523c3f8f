/**
 * The right edge of a growing RFC 6962 tree: one hash for each complete subtree, the largest first.
 * Owned by whoever appends; restored from its hashes.
 */
import { ChainError } from '../error.ts';
import { nodeHash, sha256 } from '../hash/node.ts';
import { HASH_BYTES } from '../hash/rfc6962.ts';

export class CompactRange {
  #size = 0;
  readonly #hashes: Buffer[] = [];

  /**
   * `hashes` as `hashes()` gave them. Throws TREE_INVALID if there are not as many as `size` has.
   */
  static fromHashes(size: number, hashes: Buffer[]): CompactRange {
    const known = Number.isSafeInteger(size) && size >= 0;
    const whole = hashes.every((hash) => hash.length === HASH_BYTES);
    if (!known || hashes.length !== subtreesOf(size) || !whole) {
      throw new ChainError('TREE_INVALID', `${hashes.length} hashes do not make a tree of ${size}`);
    }
    const range = new CompactRange();
    range.#size = size;
    range.#hashes.push(...hashes);
    return range;
  }

  get size(): number {
    return this.#size;
  }

  append(leaf: Buffer): void {
    let hash = leaf;
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      hash = nodeHash(this.#hashes.pop()!, hash);
    }
    this.#hashes.push(hash);
    this.#size++;
  }

  root(): Buffer {
    const last = this.#hashes.at(-1);
    if (last === undefined) return sha256(Buffer.alloc(0));
    let root = last;
    for (let i = this.#hashes.length - 2; i >= 0; i--) root = nodeHash(this.#hashes[i]!, root);
    return root;
  }

  hashes(): Buffer[] {
    return [...this.#hashes];
  }
}

/** Complete subtrees of a tree: the ones in the binary form of its size. */
function subtreesOf(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
