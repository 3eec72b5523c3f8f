/**
 * The right edge of a growing RFC 6962 tree: one hash for each complete subtree, the largest first.
 * Owned by whoever appends; restored from its hashes.
 */
import { ChainError } from '../error.ts';
import { hashNodeInto, nodeHash, sha256 } from '../hash/node.ts';
import { HASH_BYTES } from '../hash/rfc6962.ts';

/** Heights of the subtrees of a tree with 2^53 leaves. */
const HEIGHTS = 53;

export class CompactRange {
  #size = 0;
  /**
   * By height: the hash of the complete subtree of 2^height leaves, where the size has that bit.
   */
  readonly #slots = Buffer.alloc(HEIGHTS * HASH_BYTES);

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
    for (const [i, at] of range.#places().reverse().entries()) hashes[i]!.copy(range.#slots, at);
    return range;
  }

  get size(): number {
    return this.#size;
  }

  /** Throws TREE_INVALID for what is no hash. */
  append(leaf: Buffer): void {
    if (leaf.length !== HASH_BYTES) {
      throw new ChainError('TREE_INVALID', `a leaf hash of ${leaf.length} bytes`);
    }
    const slots = this.#slots;
    let to = 0;
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) to += HASH_BYTES;
    leaf.copy(slots, to);
    for (let at = 0; at < to; at += HASH_BYTES) hashNodeInto([slots, to], slots, at, to);
    this.#size++;
  }

  root(): Buffer {
    const [lowest, ...higher] = this.#places();
    if (lowest === undefined) return sha256(Buffer.alloc(0));
    let root: Buffer = Buffer.from(this.#hash(lowest));
    for (const at of higher) root = nodeHash(this.#hash(at), root);
    return root;
  }

  hashes(): Buffer[] {
    return this.#places()
      .reverse()
      .map((at) => Buffer.from(this.#hash(at)));
  }

  #hash(at: number): Buffer {
    return this.#slots.subarray(at, at + HASH_BYTES);
  }

  /** Of the slots that are in use, the lowest first. */
  #places(): number[] {
    const places: number[] = [];
    let at = 0;
    for (let rest = this.#size; rest > 0; rest = Math.floor(rest / 2), at += HASH_BYTES) {
      if (rest % 2 === 1) places.push(at);
    }
    return places;
  }
}

/** Complete subtrees of a tree: the ones in the binary form of its size. */
function subtreesOf(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
