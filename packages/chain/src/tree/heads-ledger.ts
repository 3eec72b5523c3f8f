/**
 * The root of the heads tree from seal to seal (LOG.md §3): hashes again only the heads that have
 * moved and the nodes above them. Gives the same root as `headsTree`; owned by whoever seals.
 */
import { ChainError } from '../error.ts';
import { hashNodeInto, leafBytesOfAscii, sha256 } from '../hash/node.ts';
import { HASH_BYTES } from '../hash/rfc6962.ts';
import { type Head, headRest, headStart } from './heads.ts';

interface Kept extends Head {
  /** Of its canonical text. */
  start: string;
  /** Its hash, one character for each byte. */
  leaf: string;
  /** Place among the sorted chains. */
  at: number;
  /** The last `update` that named it. */
  seen: number;
}

export class HeadsLedger {
  readonly #kept = new Map<string, Kept>();
  /** By the bytes of `chain`. */
  #sorted: Kept[] = [];
  /**
   * Hashes one after the other, with room for more: the leaves' hashes, then the nodes of each
   * height; the last one has the root alone.
   */
  #levels: Buffer[] = [];
  #updates = 0;

  /** `heads` are all of them, in any order. Throws HEADS_INVALID as `headsTree` does. */
  update(heads: Iterable<Head>): { root: Buffer; size: number } {
    try {
      const { fresh, moved, size } = this.#take(heads);
      const same = fresh.length === 0 && size === this.#sorted.length;
      const from = same ? Number.POSITIVE_INFINITY : this.#place(fresh);
      this.#hash(moved, from);
      return { root: this.#root(), size };
    } catch (error) {
      this.#kept.clear();
      this.#sorted = [];
      this.#levels = [];
      throw error;
    }
  }

  #take(heads: Iterable<Head>): { fresh: Kept[]; moved: Kept[]; size: number } {
    const seen = ++this.#updates;
    const fresh: Kept[] = [];
    const moved: Kept[] = [];
    let size = 0;
    for (const { chain, head, seq } of heads) {
      size++;
      const kept = this.#kept.get(chain);
      if (kept === undefined) {
        const start = headStart(chain);
        const leaf = leafBytesOfAscii(start + headRest(head, seq));
        const made = { chain, head, seq, start, leaf, at: -1, seen };
        fresh.push(made);
        this.#kept.set(chain, made);
        continue;
      }
      if (kept.seen === seen) throw new ChainError('HEADS_INVALID', 'two heads of one chain');
      kept.seen = seen;
      if (kept.seq === seq && kept.head.equals(head)) continue;
      kept.seq = seq;
      kept.head = head;
      kept.leaf = leafBytesOfAscii(kept.start + headRest(head, seq));
      moved.push(kept);
    }
    return { fresh, moved, size };
  }

  /** Takes in what is new and lets go what is no more; gives the first place that has changed. */
  #place(fresh: Kept[]): number {
    const before = this.#sorted;
    const added = fresh.sort((a, b) => (a.chain < b.chain ? -1 : 1));
    const after: Kept[] = [];
    let next = 0;
    for (const kept of before) {
      if (kept.seen !== this.#updates) {
        this.#kept.delete(kept.chain);
        continue;
      }
      while (next < added.length && added[next]!.chain < kept.chain) after.push(added[next++]!);
      after.push(kept);
    }
    while (next < added.length) after.push(added[next++]!);
    let from = 0;
    while (from < after.length && after[from] === before[from]) from++;
    for (let at = from; at < after.length; at++) after[at]!.at = at;
    this.#sorted = after;
    return from;
  }

  /** Hashes what is above the moved leaves, and above all leaves from `from` on. */
  #hash(moved: Kept[], from: number): void {
    let width = this.#sorted.length;
    const leaves = this.#level(0, width);
    for (const { at, leaf } of moved) leaves.write(leaf, at * HASH_BYTES, 'latin1');
    for (let at = from; at < width; at++) {
      leaves.write(this.#sorted[at]!.leaf, at * HASH_BYTES, 'latin1');
    }
    const dirty = new Int32Array(moved.length);
    for (const [i, { at }] of moved.entries()) dirty[i] = at;
    let above = dirty.sort();
    let start = from;
    let height = 0;
    while (width > 1) {
      const below = this.#levels[height]!;
      const belowWidth = width;
      width = Math.ceil(width / 2);
      const level = this.#level(++height, width);
      start = Math.floor(start / 2);
      above = parents(above, start);
      for (const at of above) hashAbove(level, at, below, belowWidth);
      for (let at = start; at < width; at++) hashAbove(level, at, below, belowWidth);
    }
    this.#levels.length = this.#sorted.length === 0 ? 0 : height + 1;
  }

  #root(): Buffer {
    const top = this.#levels.at(-1);
    return top === undefined ? sha256(Buffer.alloc(0)) : Buffer.from(top.subarray(0, HASH_BYTES));
  }

  /** With room for `width` hashes at least. */
  #level(height: number, width: number): Buffer {
    const known = this.#levels[height];
    if (known !== undefined && known.length >= width * HASH_BYTES) return known;
    const level = Buffer.alloc(2 * width * HASH_BYTES);
    known?.copy(level);
    this.#levels[height] = level;
    return level;
  }
}

/** The places above sorted ones, each once, below `end`. Reuses the array. */
function parents(places: Int32Array<ArrayBuffer>, end: number): Int32Array<ArrayBuffer> {
  let count = 0;
  for (const place of places) {
    const at = place >> 1;
    if (at >= end) break;
    if (count === 0 || places[count - 1] !== at) places[count++] = at;
  }
  return places.subarray(0, count);
}

/** RFC 6962 §2.1 from below: a node without a neighbour is the node above it. */
function hashAbove(level: Buffer, at: number, below: Buffer, width: number): void {
  const left = 2 * at * HASH_BYTES;
  const right = left + HASH_BYTES;
  if (2 * at + 1 < width) hashNodeInto(level, at * HASH_BYTES, below, left, right);
  else below.copy(level, at * HASH_BYTES, left, right);
}
