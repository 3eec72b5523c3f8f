/**
 * The chains of each day again, for the seals that commit to them (LOG.md §3, Day). Days are those
 * of the seals' own times, in UTC.
 */
import { type Head, headsTree } from '@vitrine/chain';
import { DAY_SEALS_MISSED_MAX } from '@vitrine/schema';

const NS_PER_MS = 1_000_000n;

export class DayReplay {
  #day = '';
  #heads = new Map<string, Head>();
  /** Days that are over and were not named by a seal, the oldest first. */
  readonly #over = new Map<string, Head[]>();
  #sealed = '';

  /** A batch whose seal has the time `t` brought these. */
  take(t: bigint, heads: Iterable<Head>): void {
    const day = new Date(Number(t / NS_PER_MS)).toISOString().slice(0, 10);
    if (day !== this.#day) {
      if (this.#day !== '') this.#over.set(this.#day, [...this.#heads.values()]);
      for (const old of this.#over.keys()) {
        if (this.#over.size > DAY_SEALS_MISSED_MAX) this.#over.delete(old);
      }
      this.#heads = new Map();
      this.#day = day;
    }
    for (const head of heads) this.#heads.set(head.chain, head);
  }

  /** The tree of a day that a seal names; `undefined` for a day that is not over, or was named. */
  treeOf(day: string): { root: Buffer; size: number } | undefined {
    if (day >= this.#day || day <= this.#sealed) return undefined;
    this.#sealed = day;
    const heads = this.#over.get(day) ?? [];
    for (const old of this.#over.keys()) if (old <= day) this.#over.delete(old);
    return headsTree(heads);
  }
}
