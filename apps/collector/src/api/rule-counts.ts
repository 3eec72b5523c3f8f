/**
 * How often each rule has fired. A page of rules asks every few seconds, so only what came since
 * the last question is counted; what was counted before never changes, for the log only grows.
 */
import type { RuleCount } from '@vitrine/schema/api';
import type { RuleAlerts, Store } from '@vitrine/store';

const DAY_NS = 86_400_000_000_000n;

interface Known {
  total: number;
  last: bigint;
  /** Alerts by the stretch of time in which they were raised. */
  recent: Map<bigint, number>;
}

export class RuleCounts {
  readonly #of: { store: Pick<Store['alerts'], 'ruleAlerts'>; log: string };
  readonly #known = new Map<string, Known>();
  /** Leaves below it are counted. */
  #size = 0;
  #reading: Promise<void> = Promise.resolve();

  constructor(of: { store: Pick<Store['alerts'], 'ruleAlerts'>; log: string }) {
    this.#of = of;
  }

  /** Counts of the log up to `size` at least. Rejects with StoreError. */
  async upTo(size: number, nowNs: bigint): Promise<(rule: string) => RuleCount> {
    const sinceNs = nowNs - DAY_NS;
    const read = this.#reading.then(() => this.#read(size, sinceNs));
    this.#reading = read.catch(() => {});
    await read;
    return (rule) => this.#countOf(rule, sinceNs);
  }

  async #read(size: number, sinceNs: bigint): Promise<void> {
    if (size <= this.#size) return;
    const { store, log } = this.#of;
    const leaves = { first: this.#size, end: size };
    for (const found of await store.ruleAlerts(log, leaves, sinceNs)) this.#take(found);
    this.#size = size;
  }

  #take({ rule, slot, total, last_t }: RuleAlerts): void {
    const known = this.#known.get(rule) ?? { total: 0, last: 0n, recent: new Map() };
    this.#known.set(rule, known);
    known.total += total;
    if (last_t > known.last) known.last = last_t;
    if (slot > 0n) known.recent.set(slot, (known.recent.get(slot) ?? 0) + total);
  }

  #countOf(rule: string, sinceNs: bigint): RuleCount {
    const known = this.#known.get(rule);
    if (known === undefined) return { alerts: 0, alerts_24h: 0, last_fired: null };
    let recent = 0;
    for (const [slot, count] of known.recent) {
      if (slot >= sinceNs) recent += count;
      else known.recent.delete(slot);
    }
    return { alerts: known.total, alerts_24h: recent, last_fired: String(known.last) };
  }
}
