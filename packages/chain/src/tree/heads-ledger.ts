/**
 * The root of the heads tree from seal to seal (LOG.md §3): hashes again only the heads that have
 * moved and the nodes above them. Gives the same root as `headsTree`; owned by whoever seals.
 */
import { ChainError } from '../error.ts';
import { leafHashOfAscii, nodeHash, sha256 } from '../hash/node.ts';
import { type Head, headText } from './heads.ts';

interface Kept extends Head {
  leaf: Buffer;
  /** Place among the sorted chains. */
  at: number;
  /** The last `update` that named it. */
  seen: number;
}

export class HeadsLedger {
  readonly #kept = new Map<string, Kept>();
  /** By the bytes of `chain`. */
  #sorted: Kept[] = [];
  /** The leaves' hashes, then the nodes of each height; the last one has the root alone. */
  #levels: Buffer[][] = [];
  #updates = 0;

  /** `heads` are all of them, in any order. Throws HEADS_INVALID as `headsTree` does. */
  update(heads: Iterable<Head>): { root: Buffer; size: number } {
    try {
      const { fresh, moved, size } = this.#take(heads);
      const same = fresh.length === 0 && size === this.#sorted.length;
      const from = same ? Number.POSITIVE_INFINITY : this.#place(fresh);
      this.#hash(moved, from);
      return { root: this.#levels.at(-1)?.[0] ?? sha256(Buffer.alloc(0)), size };
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
        const made = { chain, head, seq, leaf: leafHashOfAscii(headText({ chain, head, seq })) };
        fresh.push({ ...made, at: -1, seen });
        this.#kept.set(chain, fresh.at(-1)!);
        continue;
      }
      if (kept.seen === seen) throw new ChainError('HEADS_INVALID', 'two heads of one chain');
      kept.seen = seen;
      if (kept.seq === seq && kept.head.equals(head)) continue;
      kept.seq = seq;
      kept.head = head;
      kept.leaf = leafHashOfAscii(headText(kept));
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
    const leaves = this.#level(0, this.#sorted.length);
    for (const { at, leaf } of moved) leaves[at] = leaf;
    for (let at = from; at < this.#sorted.length; at++) leaves[at] = this.#sorted[at]!.leaf;
    let below = leaves;
    let dirty = Int32Array.from(moved, ({ at }) => at).sort();
    let start = from;
    let height = 0;
    while (below.length > 1) {
      height++;
      const width = Math.ceil(below.length / 2);
      const level = this.#level(height, width);
      start = Math.floor(start / 2);
      dirty = dirty.map((at) => at >> 1).filter((at, i, all) => at < start && at !== all[i - 1]);
      for (const at of dirty) level[at] = above(below, at);
      for (let at = start; at < width; at++) level[at] = above(below, at);
      below = level;
    }
    this.#levels.length = this.#sorted.length === 0 ? 0 : height + 1;
  }

  #level(height: number, width: number): Buffer[] {
    this.#levels[height] ??= [];
    const level = this.#levels[height]!;
    if (level.length > width) level.length = width;
    return level;
  }
}

/** RFC 6962 §2.1 from below: a node without a neighbour is the node above it. */
function above(level: Buffer[], at: number): Buffer {
  const left = level[2 * at]!;
  const right = level[2 * at + 1];
  return right === undefined ? left : nodeHash(left, right);
}
