/**
 * What one rule with `absence` or `join` remembers, by session and key: records that wait for a
 * partner, and partners that records may still come for. Bounded by key and in all; what is
 * forgotten before its time is counted.
 */
import {
  DETECT_PAIRS_PER_KEY_MAX,
  DETECT_PAIRS_PER_RULE_MAX,
  DETECT_SESSIONS_MAX,
  type Json,
} from '@vitrine/schema';
import { listOf, numberOf, optional, type Restorer, type Saver, textOf } from '../saved.ts';
import { type EventView, type FieldReader, heldText } from '../view.ts';
import { evidenceOf, type Finding } from '../watch.ts';

/** A stretch of time by the makers' clocks, milliseconds, both ends included. */
export interface Stretch {
  from: number;
  to: number;
}

/** A record of the rule's own selection, and where a partner of it may lie. */
export interface Waiting extends Stretch {
  view: EventView;
  done: boolean;
}

export interface Partner extends Stretch {
  view: EventView;
  /** What its end is known by; undefined for one that is a moment. */
  pair: string | undefined;
  /** Its end is still to come: `to` is the latest it can be. */
  open: boolean;
  /** The log's time after which nothing can ask for it. */
  until: number;
}

export interface Bucket {
  waiting: Waiting[];
  partners: Partner[];
  /** Those that are known by a `pair`. */
  byPair: Map<string, Partner>;
}

export interface SessionMemory {
  /** Earliest time of a record of the other source. */
  heardFrom: number | undefined;
  buckets: Map<string, Bucket>;
}

export class PairMemory {
  /** In order of use. */
  readonly #sessions = new Map<string, SessionMemory>();
  #held = 0;
  /** Records and partners that were forgotten to keep the bounds. */
  evicted = 0;

  /** Records and partners in it. */
  get held(): number {
    return this.#held;
  }

  /** The same and the sessions. */
  get size(): number {
    return this.#held + this.#sessions.size;
  }

  /** Forgets the longest unheard session, if there is one. */
  shed(): void {
    if (this.#sessions.size > 0) this.#evictOldest();
  }

  of(session: string): SessionMemory {
    const memory = this.#sessions.get(session) ?? { heardFrom: undefined, buckets: new Map() };
    this.#sessions.delete(session);
    this.#sessions.set(session, memory);
    if (this.#sessions.size > DETECT_SESSIONS_MAX) this.#evictOldest();
    return memory;
  }

  known(session: string): SessionMemory | undefined {
    return this.#sessions.get(session);
  }

  wait(memory: SessionMemory, key: string, waiting: Waiting): void {
    const bucket = bucketOf(memory, key);
    this.#push(bucket.waiting, waiting, bucket);
  }

  keep(memory: SessionMemory, key: string, partner: Partner): void {
    const bucket = bucketOf(memory, key);
    if (partner.pair !== undefined) bucket.byPair.set(partner.pair, partner);
    this.#push(bucket.partners, partner, bucket);
  }

  /** Takes out what is over at `nowMs` of the log's time. */
  expire(nowMs: number): void {
    for (const { buckets } of this.#sessions.values()) {
      for (const [key, bucket] of buckets) {
        const before = bucket.waiting.length + bucket.partners.length;
        bucket.waiting = bucket.waiting.filter(({ done }) => !done);
        for (const one of bucket.partners) if (one.until <= nowMs) forgetPair(one, bucket);
        bucket.partners = bucket.partners.filter(({ until }) => until > nowMs);
        const left = bucket.waiting.length + bucket.partners.length;
        this.#held -= before - left;
        if (left === 0) buckets.delete(key);
      }
    }
  }

  forget(session: string): void {
    this.#held -= heldBy(this.#sessions.get(session));
    this.#sessions.delete(session);
  }

  /** `places`: takes the number under which each record that waits can be named. */
  save(saver: Saver, places: Map<Waiting, number>): Json {
    const sessions = [...this.#sessions].map(([session, { heardFrom, buckets }]): Json => {
      const kept = [...buckets].map(([key, { waiting, partners, byPair }]): Json => {
        for (const one of waiting) places.set(one, places.size);
        const open = partners.map((one) => one.pair !== undefined && byPair.get(one.pair) === one);
        return [
          key,
          waiting.map(({ from, to, view, done }) => [from, to, saver.view(view), done]),
          partners.map((one, i) => savePartner(one, open[i]!, saver)),
        ];
      });
      return [session, heardFrom ?? null, kept];
    });
    return [this.evicted, sessions];
  }

  /** Into a memory that holds nothing. Returns the records that wait, by their number. */
  load(saved: Json | undefined, restorer: Restorer): Waiting[] {
    const [evicted, sessions] = listOf(saved);
    this.evicted = numberOf(evicted);
    const all: Waiting[] = [];
    for (const entry of listOf(sessions)) {
      const [session, heardFrom, buckets] = listOf(entry);
      const memory = { heardFrom: optional(heardFrom, numberOf), buckets: new Map() };
      this.#sessions.set(textOf(session), memory);
      for (const kept of listOf(buckets)) {
        const [key, waiting, partners] = listOf(kept);
        const bucket = bucketOf(memory, textOf(key));
        bucket.waiting = listOf(waiting).map((one) => waitingIn(one, restorer));
        for (const one of listOf(partners)) partnerIn(one, bucket, restorer);
        all.push(...bucket.waiting);
        this.#held += bucket.waiting.length + bucket.partners.length;
      }
    }
    return all;
  }

  #push<T extends Waiting | Partner>(list: T[], item: T, bucket: Bucket): void {
    list.push(item);
    this.#held++;
    if (list.length > DETECT_PAIRS_PER_KEY_MAX) this.#drop(list.shift()!, bucket);
    while (this.#held > DETECT_PAIRS_PER_RULE_MAX) this.#evictOldest();
  }

  #evictOldest(): void {
    const [oldest] = this.#sessions.keys();
    const memory = this.#sessions.get(oldest!)!;
    for (const { waiting } of memory.buckets.values()) {
      for (const one of waiting) one.done = true;
    }
    this.evicted += Math.max(1, heldBy(memory));
    this.forget(oldest!);
  }

  #drop(item: Waiting | Partner, bucket: Bucket): void {
    this.#held--;
    if ('done' in item) {
      if (item.done) return;
      item.done = true;
    } else forgetPair(item, bucket);
    this.evicted++;
  }
}

function waitingIn(saved: Json, restorer: Restorer): Waiting {
  const [from, to, view, done] = listOf(saved);
  const stretch = { from: numberOf(from), to: numberOf(to) };
  return { ...stretch, view: restorer.view(view), done: done === true };
}

function savePartner(one: Partner, isNamed: boolean, saver: Saver): Json {
  const { from, to, view, pair, open, until } = one;
  return [from, to, saver.view(view), pair ?? null, open, until, isNamed];
}

function partnerIn(saved: Json, bucket: Bucket, restorer: Restorer): void {
  const [from, to, view, pair, open, until, isNamed] = listOf(saved);
  const one: Partner = {
    from: numberOf(from),
    to: numberOf(to),
    view: restorer.view(view),
    pair: optional(pair, textOf),
    open: open === true,
    until: numberOf(until),
  };
  bucket.partners.push(one);
  if (isNamed === true && one.pair !== undefined) bucket.byPair.set(one.pair, one);
}

function bucketOf(memory: SessionMemory, key: string): Bucket {
  const known = memory.buckets.get(key);
  if (known !== undefined) return known;
  const bucket = { waiting: [], partners: [], byPair: new Map() };
  memory.buckets.set(key, bucket);
  return bucket;
}

function forgetPair(partner: Partner, { byPair }: Bucket): void {
  const { pair } = partner;
  if (pair !== undefined && byPair.get(pair) === partner) byPair.delete(pair);
}

function heldBy(memory: SessionMemory | undefined): number {
  let held = 0;
  for (const { waiting, partners } of memory?.buckets.values() ?? []) {
    held += waiting.length + partners.length;
  }
  return held;
}

export function partnerOf(
  bucket: Bucket | undefined,
  pair: string | undefined,
): Partner | undefined {
  if (pair === undefined) return undefined;
  return bucket?.byPair.get(pair);
}

export function meet(a: Stretch, b: Stretch): boolean {
  return a.from <= b.to && b.from <= a.to;
}

export function keyOf(view: EventView, readers: readonly FieldReader[]): string {
  return readers.length === 0
    ? ''
    : heldText(JSON.stringify(readers.map((read) => read(view) ?? null)));
}

/** No record is its own partner. */
export function isOther(a: EventView, b: EventView): boolean {
  return a.row.index !== b.row.index;
}

export function findingOf(view: EventView, partner: EventView): Finding {
  return { view, others: [evidenceOf(partner)] };
}
