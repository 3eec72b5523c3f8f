/**
 * What an intake refused, until it can be said in a record: loss is evidence. Counts only; nothing
 * of what was refused is kept.
 */
import type { EventBody } from '@vitrine/chain';
import { DROP_RECORD_MS_MIN, type Vantage } from '@vitrine/schema';

/**
 * `spool_full`, `spool_unwritable` and `overload` were answered 503 or 429, so their sender may
 * have brought them again; `malformed`, `too_large` and `rejected` (single records) are lost.
 */
export type DropReason =
  | 'spool_full'
  | 'spool_unwritable'
  | 'overload'
  | 'malformed'
  | 'too_large'
  | 'rejected';

export interface Drop {
  vantage: Vantage;
  reason: DropReason;
  requests: number;
  /** Events in them, as far as they could be read. */
  records: number;
  /** Unix nanoseconds of the first and the last refusal. */
  from: string;
  to: string;
}

export class Drops {
  readonly #now: () => bigint;
  #pending: Drop[] = [];
  readonly #writtenNs = new Map<Vantage, bigint>();
  /** Events and unreadable requests refused since this process began. */
  total = 0;

  constructor(now: () => bigint) {
    this.#now = now;
  }

  /** `records` undefined: the request could not be read so far. */
  count(vantage: Vantage, reason: DropReason, records?: number): void {
    const t = String(this.#now());
    this.total += records ?? 1;
    this.#merge({ vantage, reason, requests: 1, records: records ?? 0, from: t, to: t });
  }

  /** What is due for a record, taken out; `giveBack` undoes it. `all`: there is no later. */
  take(vantage: Vantage, all: boolean): Drop[] {
    const due = all || this.#now() - (this.#writtenNs.get(vantage) ?? 0n) >= DROP_RECORD_NS_MIN;
    const taken = due ? this.#pending.filter((drop) => drop.vantage === vantage) : [];
    if (taken.length === 0) return taken;
    this.#pending = this.#pending.filter((drop) => drop.vantage !== vantage);
    this.#writtenNs.set(vantage, this.#now());
    return taken;
  }

  giveBack(drops: Drop[]): void {
    for (const drop of drops) {
      this.#merge(drop);
      this.#writtenNs.delete(drop.vantage);
    }
  }

  #merge(drop: Drop): void {
    const { vantage, reason } = drop;
    const known = this.#pending.find((d) => d.vantage === vantage && d.reason === reason);
    if (known === undefined) {
      this.#pending.push({ ...drop });
      return;
    }
    known.requests += drop.requests;
    known.records += drop.records;
    if (BigInt(drop.from) < BigInt(known.from)) known.from = drop.from;
    if (BigInt(drop.to) > BigInt(known.to)) known.to = drop.to;
  }
}

const DROP_RECORD_NS_MIN = BigInt(DROP_RECORD_MS_MIN) * 1_000_000n;

export function dropEvent(t: string, drop: Drop): EventBody {
  const { reason, requests, records, from, to } = drop;
  return { kind: 'telemetry.drop', t, fields: { reason, requests, records, from, to } };
}
