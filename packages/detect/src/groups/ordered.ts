/**
 * Records of one rule by group, each judged in the order of their own times: a record waits until
 * the log has gone on by the rule's lateness, for what came late but happened before. So what a
 * rule makes of them does not depend on the order in which they came. Bounded by groups, by records
 * of one group and by records in all; what is forgotten or judged too early is counted.
 */
import {
  DETECT_GROUPS_PER_RULE_MAX,
  DETECT_HELD_PER_GROUP_MAX,
  DETECT_HELD_PER_RULE_MAX,
  type Json,
} from '@vitrine/schema';
import { listOf, numberOf, type Restorer, type Saver, textOf } from '../saved.ts';
import type { Finding } from '../watch.ts';
import { compareHeld, type Held, heldIn, saveHeld } from './held.ts';

/** What a rule makes of the records of one group, each later than the one before. */
export interface Steps<S> {
  fresh(): S;
  step(state: S, one: Held, key: string): readonly Finding[];
  /** How much of the bounds the state takes. */
  size(state: S): number;
  /** Forgets the oldest of it, and tells how much that was. */
  trim(state: S): number;
  /** The group's session ends. */
  end(state: S, key: string): readonly Finding[];
  save(state: S, saver: Saver): Json;
  load(saved: Json, restorer: Restorer): S;
}

interface Group<S> {
  key: string;
  /** The session that it ends with; undefined for a group across sessions. */
  session: string | undefined;
  /** In the order of `compareHeld`. */
  waiting: Held[];
  state: S;
  /** Of the state, as last counted. */
  size: number;
}

interface Queued<S> {
  group: Group<S>;
  one: Held;
}

/** So many that are done may lie in the queue before it is worth a look. */
const DONE_QUEUED_MAX = 1_000;

export class Ordered<S> {
  readonly #steps: Steps<S>;
  readonly #lateMs: number;
  /** In order of use. */
  readonly #groups = new Map<string, Group<S>>();
  readonly #bySession = new Map<string, Set<string>>();
  /** In order of arrival, which is that of `due`. */
  #queue: Queued<S>[] = [];
  /** The first of the queue that came after the last seal. */
  #fresh = 0;
  #came = 0;
  #held = 0;
  evicted = 0;

  constructor(steps: Steps<S>, lateMs: number) {
    this.#steps = steps;
    this.#lateMs = lateMs;
  }

  /** Records and groups. */
  get held(): number {
    return this.#held + this.#groups.size;
  }

  /** Forgets the longest unheard group, if there is one. */
  shed(found: Finding[]): void {
    if (this.#groups.size === 0) return;
    this.#evictOldest(found);
    this.#compact();
  }

  add(key: string, session: string | undefined, one: Held, found: Finding[]): void {
    const group = this.#groupOf(key, session, found);
    insert(group.waiting, one);
    one.came = this.#came++;
    this.#held++;
    if (this.#lateMs === 0) {
      this.#release(group, one, found);
    } else {
      this.#queue.push({ group, one });
      this.#compact();
    }
    this.#bound(group, found);
  }

  /** `nowMs`: of the log's own clock. */
  tick(nowMs: number, found: Finding[]): void {
    for (; this.#fresh < this.#queue.length; this.#fresh++) {
      this.#queue[this.#fresh]!.one.due = nowMs + this.#lateMs;
    }
    let ripe = 0;
    for (; ripe < this.#queue.length && this.#queue[ripe]!.one.due! <= nowMs; ripe++) {
      const { group, one } = this.#queue[ripe]!;
      if (!one.done) this.#release(group, one, found);
    }
    if (ripe === 0) return;
    this.#queue.splice(0, ripe);
    this.#fresh -= ripe;
  }

  close(session: string, found: Finding[]): void {
    for (const key of this.#bySession.get(session) ?? []) {
      const group = this.#groups.get(key)!;
      this.#releaseAll(group, found);
      found.push(...this.#steps.end(group.state, key));
      this.#forget(group);
    }
    this.#bySession.delete(session);
  }

  /** A group by its key, if something of it is remembered. */
  stateOf(key: string): S | undefined {
    return this.#groups.get(key)?.state;
  }

  /** Judges what a group holds up to a time, though it may not be due. */
  releaseUpTo(key: string, t: number, found: Finding[]): void {
    const group = this.#groups.get(key);
    const last = group?.waiting.findLast((one) => one.t <= t);
    if (group !== undefined && last !== undefined) this.#release(group, last, found);
  }

  save(saver: Saver): Json {
    const groups = [...this.#groups.values()].map(({ key, session, waiting, state }): Json => {
      const held = waiting.map((one) => saveHeld(one, saver));
      return [key, session ?? null, held, this.#steps.save(state, saver)];
    });
    return [this.#came, this.evicted, groups];
  }

  load(saved: Json | undefined, restorer: Restorer): void {
    const [came, evicted, groups] = listOf(saved);
    this.#came = numberOf(came);
    this.evicted = numberOf(evicted);
    for (const one of listOf(groups)) this.#loadGroup(one, restorer);
    this.#queue.sort((a, b) => a.one.came - b.one.came);
    const first = this.#queue.findIndex(({ one }) => one.due === undefined);
    this.#fresh = first < 0 ? this.#queue.length : first;
  }

  #loadGroup(saved: Json, restorer: Restorer): void {
    const [key, session, waiting, state] = listOf(saved);
    const ends = session === null ? undefined : textOf(session);
    const group = this.#made(textOf(key), ends, this.#steps.load(state ?? null, restorer));
    group.waiting = listOf(waiting).map((one) => heldIn(one, restorer));
    group.size = this.#steps.size(group.state);
    this.#held += group.waiting.length + group.size;
    for (const one of group.waiting) this.#queue.push({ group, one });
  }

  #groupOf(key: string, session: string | undefined, found: Finding[]): Group<S> {
    const known = this.#groups.get(key);
    if (known !== undefined) {
      this.#groups.delete(key);
      this.#groups.set(key, known);
      return known;
    }
    if (this.#groups.size >= DETECT_GROUPS_PER_RULE_MAX) this.#evictOldest(found);
    return this.#made(key, session, this.#steps.fresh());
  }

  #made(key: string, session: string | undefined, state: S): Group<S> {
    const group = { key, session, waiting: [], state, size: 0 };
    this.#groups.set(key, group);
    if (session !== undefined) {
      const keys = this.#bySession.get(session);
      if (keys === undefined) this.#bySession.set(session, new Set([key]));
      else keys.add(key);
    }
    return group;
  }

  /** Judges what waits up to and with `last`, in the order of time. */
  #release(group: Group<S>, last: Held, found: Finding[]): void {
    const { waiting, state, key } = group;
    let end = 0;
    while (end < waiting.length && compareHeld(waiting[end]!, last) <= 0) end++;
    const ripe = waiting.splice(0, end);
    for (const one of ripe) {
      one.done = true;
      for (const finding of this.#steps.step(state, one, key)) found.push(finding);
    }
    const size = this.#steps.size(state);
    this.#held += size - group.size - ripe.length;
    group.size = size;
  }

  #releaseAll(group: Group<S>, found: Finding[]): void {
    const last = group.waiting.at(-1);
    if (last !== undefined) this.#release(group, last, found);
  }

  #bound(group: Group<S>, found: Finding[]): void {
    while (group.waiting.length + group.size > DETECT_HELD_PER_GROUP_MAX) {
      if (group.size === 0) {
        this.evicted++;
        this.#release(group, group.waiting[0]!, found);
      }
      this.#trim(group);
    }
    while (this.#held > DETECT_HELD_PER_RULE_MAX) this.#evictOldest(found);
  }

  #trim(group: Group<S>): void {
    if (group.size === 0) return;
    this.evicted += this.#steps.trim(group.state);
    const size = this.#steps.size(group.state);
    this.#held += size - group.size;
    group.size = size;
  }

  #evictOldest(found: Finding[]): void {
    const [oldest] = this.#groups.values();
    this.evicted += oldest!.waiting.length;
    this.#releaseAll(oldest!, found);
    this.evicted += Math.max(1, oldest!.size);
    this.#forget(oldest!);
  }

  #forget(group: Group<S>): void {
    this.#held -= group.size + group.waiting.length;
    this.#groups.delete(group.key);
    if (group.session === undefined) return;
    const keys = this.#bySession.get(group.session);
    keys?.delete(group.key);
    if (keys?.size === 0) this.#bySession.delete(group.session);
  }

  #compact(): void {
    if (this.#queue.length <= 2 * this.#held + DONE_QUEUED_MAX) return;
    const kept = this.#queue.filter(({ one }) => !one.done);
    this.#fresh = kept.filter(({ one }) => one.due !== undefined).length;
    this.#queue = kept;
  }
}

/** Most come in order: looked for from the end. */
function insert(list: Held[], one: Held): void {
  let low = 0;
  let high = list.length;
  if (high === 0 || compareHeld(list[high - 1]!, one) <= 0) {
    list.push(one);
    return;
  }
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareHeld(list[middle]!, one) <= 0) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, one);
}
