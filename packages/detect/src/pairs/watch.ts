/**
 * One rule with `absence` or `join` at work. Records are compared by their own times, and judged by
 * the log's (its seals): the makers' clocks may differ from the collector's, and the other source
 * may come later. The same rows give the same findings, in whatever order they came within the
 * lateness that the rule allows.
 */
import { DETECT_WINDOW_MS_MAX, type Json } from '@vitrine/schema';
import { hasKind } from '../kinds.ts';
import { broken, listOf, numberOf, type Restorer, type Saver, textOf } from '../saved.ts';
import type { SessionContext } from '../session.ts';
import type { Predicate } from '../value.ts';
import { type EventView, heldText, slimView } from '../view.ts';
import { type Finding, LogClock, NONE, type Watch } from '../watch.ts';
import {
  type Bucket,
  findingOf,
  isOther,
  keyOf,
  meet,
  PairMemory,
  type Partner,
  partnerOf,
  type SessionMemory,
  type Stretch,
  type Waiting,
} from './memory.ts';
import type { Pairing } from './read.ts';

interface Due {
  waiting: Waiting;
  key: string;
  at: number;
}

const EXPIRE_MS = 1_000;
/** So many may lie among what waits before it is worth a look. */
const DONE_HELD_MAX = 1_000;

export class PairWatch implements Watch {
  readonly isAcross = false;
  readonly #pairing: Pairing;
  readonly #selects: Predicate;
  readonly #needed: ReadonlySet<string>;
  readonly #memory = new PairMemory();
  readonly #clock = new LogClock();
  /** Came after the last seal: the log has no time for them yet. */
  #fresh: Omit<Due, 'at'>[] = [];
  /** By the log's time at which they are judged. */
  #due: Due[] = [];
  #expiredMs = 0;

  /** `needed`: members of a record that an alert about it asks for. */
  constructor(pairing: Pairing, selects: Predicate, needed: ReadonlySet<string>) {
    this.#pairing = pairing;
    this.#selects = selects;
    this.#needed = needed;
  }

  get evicted(): number {
    return this.#memory.evicted;
  }

  get held(): number {
    return this.#memory.size;
  }

  shed(): readonly Finding[] {
    this.#memory.shed();
    this.#compact();
    return NONE;
  }

  /** Records that wait to be judged, or have, and are still held. */
  get waiting(): number {
    return this.#due.length + this.#fresh.length;
  }

  feed(view: EventView): readonly Finding[] {
    const own = this.#selects(view) ? this.#own(view) : NONE;
    if (!hasKind(this.#pairing.kinds, view.row.kind)) return own;
    const others = this.#partner(view);
    return own.length === 0 ? others : [...own, ...others];
  }

  /** A record that may be the partner. */
  #partner(view: EventView): readonly Finding[] {
    const { of, until, heard, on } = this.#pairing;
    const begins = of(view);
    const ends = !begins && until?.(view) === true;
    const isHeard = heard === undefined ? begins : heard(view);
    if (!begins && !ends && !isHeard) return NONE;
    const memory = this.#memory.of(view.row.session);
    const at = view.timeMs;
    if (isHeard) memory.heardFrom = Math.min(memory.heardFrom ?? at, at);
    if (!begins && !ends) return NONE;
    const key = keyOf(
      view,
      on.map(({ other }) => other),
    );
    const pair = until === undefined ? undefined : this.#pairOf(view);
    const partner = ends
      ? this.#ended(memory, key, view, pair)
      : this.#begun(memory, key, view, pair);
    if (partner === undefined || partner.open) return NONE;
    return this.#meet(memory.buckets.get(key), partner);
  }

  /** A record of the rule's own selection. */
  #own(view: EventView): readonly Finding[] {
    const { on, beforeMs, afterMs, lastedMs, looksBack, fires } = this.#pairing;
    const memory = this.#memory.of(view.row.session);
    const own = on.map((one) => one.own);
    const key = keyOf(view, own);
    const at = view.timeMs;
    const lasted = looksBack ? lastedMs(view) : 0;
    const stretch = { from: at - lasted - beforeMs, to: at + afterMs };
    const partners = memory.buckets.get(key)?.partners;
    const partner = partners?.findLast(
      (one) => !one.open && meet(one, stretch) && isOther(view, one.view),
    );
    if (partner !== undefined) return fires === 'found' ? [findingOf(view, partner.view)] : NONE;
    const waiting: Waiting = { ...stretch, view: slimView(view, this.#needed), done: false };
    this.#memory.wait(memory, key, waiting);
    this.#fresh.push({ waiting, key });
    this.#compact();
    return NONE;
  }

  /** A seal: the log's time moves on. Findings in the order in which their records came. */
  tick(sealMs: number): Finding[] {
    const nowMs = this.#clock.advance(sealMs);
    const at = nowMs + this.#pairing.afterMs + this.#pairing.lateMs;
    for (const one of this.#fresh) this.#due.push({ ...one, at });
    this.#fresh = [];
    let ripe = 0;
    while (ripe < this.#due.length && this.#due[ripe]!.at <= nowMs) ripe++;
    const found = this.#due.splice(0, ripe).flatMap((due) => this.#judge(due));
    if (nowMs - this.#expiredMs >= EXPIRE_MS) {
      this.#expiredMs = nowMs;
      this.#memory.expire(nowMs);
    }
    return found;
  }

  /** Nothing more comes of this session: what waits is judged now. */
  close(session: string): Finding[] {
    const isOf = ({ waiting }: { waiting: Waiting }): boolean =>
      waiting.view.row.session === session;
    const ended = [...this.#due.filter(isOf), ...this.#fresh.filter(isOf)];
    if (ended.length > 0) {
      this.#due = this.#due.filter((one) => !isOf(one));
      this.#fresh = this.#fresh.filter((one) => !isOf(one));
    }
    const found = ended.flatMap((one) => this.#judge(one));
    this.#memory.forget(session);
    return found;
  }

  save(saver: Saver): Json {
    const { sealMs, nowMs } = this.#clock;
    const places = new Map<Waiting, number>();
    const memory = this.#memory.save(saver, places);
    // One that was met, and is only still in the queue, is of no more use.
    const live = <T extends { waiting: Waiting }>(list: T[]): T[] =>
      list.filter(({ waiting }) => places.has(waiting));
    const due = live(this.#due).map(
      ({ waiting, key, at }): Json => [places.get(waiting)!, key, at],
    );
    const fresh = live(this.#fresh).map(({ waiting, key }): Json => [places.get(waiting)!, key]);
    return [sealMs, nowMs, this.#expiredMs, memory, due, fresh];
  }

  load(state: Json, restorer: Restorer): void {
    const [sealMs, nowMs, expiredMs, memory, due, fresh] = listOf(state);
    this.#clock.sealMs = numberOf(sealMs);
    this.#clock.nowMs = numberOf(nowMs);
    this.#expiredMs = numberOf(expiredMs);
    const waiting = this.#memory.load(memory, restorer);
    const placed = (one: Json): Omit<Due, 'at'> => {
      const [place, key] = listOf(one);
      return {
        waiting: waiting[numberOf(place)] ?? broken('a record is missing'),
        key: textOf(key),
      };
    };
    this.#due = listOf(due).map((one) => ({ ...placed(one), at: numberOf(listOf(one)[2]) }));
    this.#fresh = listOf(fresh).map(placed);
  }

  /** What was met, or forgotten to keep the bounds, does not wait any more. */
  #compact(): void {
    const live = ({ waiting }: { waiting: Waiting }): boolean => !waiting.done;
    if (this.#due.length + this.#fresh.length <= 2 * this.#memory.held + DONE_HELD_MAX) return;
    this.#due = this.#due.filter(live);
    this.#fresh = this.#fresh.filter(live);
  }

  #judge({ waiting, key }: Omit<Due, 'at'>): Finding[] {
    const { view, done } = waiting;
    waiting.done = true;
    if (done || this.#pairing.fires === 'found') return [];
    const memory = this.#memory.known(view.row.session);
    if (!this.#isAwake(memory, waiting, view.context)) return [];
    const partners = memory?.buckets.get(key)?.partners ?? [];
    const met = partners.some((one) => meet(one, waiting) && isOther(view, one.view));
    return met ? [] : [{ view, others: NONE }];
  }

  /**
   * A source that is not connected says nothing by its silence. One that has spoken is asked from
   * its first word on: before, it may only not have been ready.
   */
  #isAwake(
    memory: SessionMemory | undefined,
    waiting: Stretch,
    context: SessionContext | undefined,
  ): boolean {
    const from = memory?.heardFrom;
    if (from !== undefined) return waiting.to >= from;
    return this.#pairing.sources.some((name) => context?.expected.has(name) === true);
  }

  #begun(
    memory: SessionMemory,
    key: string,
    view: EventView,
    pair: string | undefined,
  ): Partner | undefined {
    const at = view.timeMs;
    const known = pair !== undefined && partnerOf(memory.buckets.get(key), pair) !== undefined;
    // Told by two of its tellers, or told late: it has its place already.
    if (known) return undefined;
    const open = pair !== undefined;
    const to = open ? at + DETECT_WINDOW_MS_MAX : at;
    return this.#kept(memory, key, {
      from: at,
      to,
      view: slimView(view, []),
      pair,
      open,
      until: 0,
    });
  }

  #ended(
    memory: SessionMemory,
    key: string,
    view: EventView,
    pair: string | undefined,
  ): Partner | undefined {
    const at = view.timeMs;
    const known = partnerOf(memory.buckets.get(key), pair);
    if (known !== undefined) {
      if (!known.open) return undefined;
      known.open = false;
      known.to = Math.max(known.from, at);
      known.until = this.#keptUntil(known);
      return known;
    }
    const from = at - this.#pairing.lastedMs(view);
    return this.#kept(memory, key, {
      from,
      to: at,
      view: slimView(view, []),
      pair,
      open: false,
      until: 0,
    });
  }

  #kept(memory: SessionMemory, key: string, partner: Partner): Partner {
    partner.until = this.#keptUntil(partner);
    this.#memory.keep(memory, key, partner);
    return partner;
  }

  /** As long as a record may still come that looks back at it. */
  #keptUntil({ open }: Partner): number {
    const { beforeMs, afterMs, lateMs, looksBack } = this.#pairing;
    const longest = open || looksBack ? DETECT_WINDOW_MS_MAX : 0;
    return this.#clock.nowMs + longest + beforeMs + afterMs + 2 * lateMs;
  }

  #meet(bucket: Bucket | undefined, partner: Partner): Finding[] {
    const met = (bucket?.waiting ?? []).filter(
      (one) => !one.done && meet(partner, one) && isOther(one.view, partner.view),
    );
    for (const one of met) one.done = true;
    if (this.#pairing.fires === 'missing') return [];
    return met.map(({ view }) => findingOf(view, partner.view));
  }

  #pairOf(view: EventView): string | undefined {
    const value = this.#pairing.pair(view);
    return typeof value === 'string' || typeof value === 'number'
      ? heldText(String(value))
      : undefined;
  }
}
