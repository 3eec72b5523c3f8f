/**
 * Requests that came twice: the same principal, the same bytes, within the window. A sender that
 * heard no answer sends again, and must not be doubled. The window survives a restart:
 * it is filled again from the journal, which keeps entries at least that long.
 */
import { DEDUPE_WINDOW_MS, REPEATS_MAX } from '@vitrine/schema';
import { CollectorError } from '../error.ts';
import type { Entry } from '../queue/entry.ts';

const NS_PER_MS = 1_000_000n;

interface Seen {
  atMs: number;
  /** Settles when the first copy is durable; a copy that failed is forgotten. */
  durable: Promise<unknown>;
}

export class Repeats {
  /** In order of arrival, so that the oldest is first. */
  readonly #seen = new Map<string, Seen>();

  get size(): number {
    return this.#seen.size;
  }

  /** Takes what the journal still holds from before the restart. */
  remember(entry: Entry): void {
    if (entry.kind !== 'push') return;
    const atMs = Number(BigInt(entry.observed) / NS_PER_MS);
    this.#seen.set(keyOf(entry.principal, entry.hash), { atMs, durable: Promise.resolve() });
  }

  /**
   * Appends unless the same was appended inside the window; resolves when it is durable either way.
   * `true` when this was a repeat.
   */
  async once(
    principal: string,
    hash: string,
    nowMs: number,
    append: () => Promise<unknown>,
  ): Promise<boolean> {
    this.#expire(nowMs);
    const key = keyOf(principal, hash);
    const first = this.#seen.get(key);
    if (first !== undefined) {
      await first.durable;
      return true;
    }
    if (this.#seen.size >= REPEATS_MAX) {
      const hint = 'send more records in each request';
      throw new CollectorError('QUEUE_FULL', 'too many requests in the last 15 minutes', hint);
    }
    const durable = append();
    this.#seen.set(key, { atMs: nowMs, durable });
    try {
      await durable;
    } catch (error) {
      this.#seen.delete(key);
      throw error;
    }
    return false;
  }

  #expire(nowMs: number): void {
    for (const [key, { atMs }] of this.#seen) {
      if (nowMs - atMs < DEDUPE_WINDOW_MS) return;
      this.#seen.delete(key);
    }
  }
}

function keyOf(principal: string, hash: string): string {
  return `${principal} ${hash}`;
}
