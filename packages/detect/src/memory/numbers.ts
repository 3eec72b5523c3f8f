/**
 * Numbers that should follow each other, by group: which are missing, since when, and which losses
 * were owned up to. Bounded by groups and by stretches; what is forgotten is counted.
 */
import {
  DETECT_GROUPS_PER_RULE_MAX,
  DETECT_HELD_PER_GROUP_MAX,
  DETECT_HELD_PER_RULE_MAX,
  type Json,
} from '@vitrine/schema';
import { listOf, numberOf, optional, type Restorer, type Saver, textOf } from '../saved.ts';
import type { EventView } from '../view.ts';

/** Missing numbers, both ends included. */
export interface Stretch {
  key: string;
  from: number;
  to: number;
  /** The record with the next number. */
  after: EventView;
  /** The log's time at which it is told; undefined until the next seal. */
  due: number | undefined;
}

interface Group {
  session: string | undefined;
  first: number;
  last: number;
  /** The record with the first number. */
  view: EventView | undefined;
  missing: Stretch[];
  /** In order, none touching another. */
  covered: [from: number, to: number][];
}

export class NumberGroups {
  /** In order of use. */
  readonly #groups = new Map<string, Group>();
  /** Groups with something missing. */
  readonly #open = new Set<string>();
  #held = 0;
  evicted = 0;

  /** Stretches and groups. */
  get held(): number {
    return this.#held + this.#groups.size;
  }

  /** Forgets the longest unheard group, if there is one. */
  shed(): void {
    if (this.#groups.size > 0) this.#evictOldest();
  }

  came(key: string, session: string | undefined, number: number, view: EventView): void {
    const due = undefined;
    const group = this.#of(key, session);
    if (group.view === undefined) {
      Object.assign(group, { first: number, last: number, view });
    } else if (number > group.last) {
      if (number > group.last + 1) {
        this.#miss(group, { key, from: group.last + 1, to: number - 1, after: view, due });
      }
      group.last = number;
    } else if (number < group.first) {
      if (number < group.first - 1) {
        const after = group.view;
        this.#miss(group, { key, from: number + 1, to: group.first - 1, after, due });
      }
      Object.assign(group, { first: number, view });
    } else this.#fill(group, number, view);
  }

  /** These numbers are lost, and somebody has said so. */
  cover(key: string, session: string | undefined, from: number, to: number): void {
    if (from > to) return;
    const { covered } = this.#of(key, session);
    const first = firstUpTo(covered, from - 1);
    let last = first;
    let [begin, end] = [from, to];
    for (; last < covered.length && covered[last]![0] <= to + 1; last++) {
      begin = Math.min(begin, covered[last]![0]);
      end = Math.max(end, covered[last]![1]);
    }
    covered.splice(first, last - first, [begin, end]);
    this.#held += 1 - (last - first);
    if (covered.length > DETECT_HELD_PER_GROUP_MAX) {
      covered.shift();
      this.#held--;
      this.evicted++;
    }
    this.#bound();
  }

  /** What is missing for good at `nowMs`: since the seal before that by `lateMs`. */
  ripe(nowMs: number, lateMs: number): Stretch[] {
    const found: Stretch[] = [];
    for (const key of this.#open) {
      const group = this.#groups.get(key);
      if (group === undefined) continue;
      for (const one of group.missing) one.due ??= nowMs + lateMs;
      const ripe = group.missing.filter(({ due }) => due! <= nowMs).sort(byNumber);
      if (ripe.length === 0) continue;
      group.missing = group.missing.filter(({ due }) => due! > nowMs);
      this.#held -= ripe.length;
      if (group.missing.length === 0) this.#open.delete(key);
      found.push(...ripe.flatMap((one) => uncovered(one, group)));
    }
    return found;
  }

  close(session: string): Stretch[] {
    const found: Stretch[] = [];
    for (const [key, group] of this.#groups) {
      if (group.session !== session) continue;
      found.push(...group.missing.sort(byNumber).flatMap((one) => uncovered(one, group)));
      this.#forget(key, group);
    }
    return found;
  }

  save(saver: Saver): Json {
    const groups = [...this.#groups].map(([key, group]): Json => {
      const { session, first, last, view, missing, covered } = group;
      const stretches = missing.map(({ from, to, after, due }): Json => {
        return [from, to, saver.view(after), due ?? null];
      });
      const of = view === undefined ? null : saver.view(view);
      return [key, session ?? null, first, last, of, stretches, covered];
    });
    return [this.evicted, [...this.#open], groups];
  }

  load(saved: Json | undefined, restorer: Restorer): void {
    const [evicted, open, groups] = listOf(saved);
    this.evicted = numberOf(evicted);
    for (const key of listOf(open)) this.#open.add(textOf(key));
    for (const one of listOf(groups)) {
      const [name, session, first, last, view, stretches, covered] = listOf(one);
      const key = textOf(name);
      const group: Group = {
        session: optional(session, textOf),
        first: numberOf(first),
        last: numberOf(last),
        view: optional(view, (of) => restorer.view(of)),
        missing: listOf(stretches).map((stretch) => {
          const [from, to, after, due] = listOf(stretch);
          const ends = { from: numberOf(from), to: numberOf(to), due: optional(due, numberOf) };
          return { key, ...ends, after: restorer.view(after) };
        }),
        covered: listOf(covered).map((ends) => {
          const [from, to] = listOf(ends);
          return [numberOf(from), numberOf(to)];
        }),
      };
      this.#groups.set(key, group);
      this.#held += group.missing.length + group.covered.length;
    }
  }

  #of(key: string, session: string | undefined): Group {
    const known = this.#groups.get(key);
    const group = known ?? {
      session,
      first: 0,
      last: 0,
      view: undefined,
      missing: [],
      covered: [],
    };
    this.#groups.delete(key);
    this.#groups.set(key, group);
    if (this.#groups.size > DETECT_GROUPS_PER_RULE_MAX) this.#evictOldest();
    return group;
  }

  #miss(group: Group, stretch: Stretch): void {
    group.missing.push(stretch);
    this.#open.add(stretch.key);
    this.#held++;
    if (group.missing.length > DETECT_HELD_PER_GROUP_MAX) {
      group.missing.shift();
      this.#held--;
      this.evicted++;
    }
    this.#bound();
  }

  /** A number that was missing has come: two stretches are left of one, or fewer. */
  #fill(group: Group, number: number, view: EventView): void {
    const at = group.missing.findIndex(({ from, to }) => from <= number && number <= to);
    if (at < 0) return;
    const [stretch] = group.missing.splice(at, 1);
    this.#held--;
    const { from, to } = stretch!;
    if (from < number) this.#miss(group, { ...stretch!, to: number - 1, after: view });
    if (number < to) this.#miss(group, { ...stretch!, from: number + 1 });
    if (group.missing.length === 0) this.#open.delete(stretch!.key);
  }

  #bound(): void {
    while (this.#held > DETECT_HELD_PER_RULE_MAX) this.#evictOldest();
  }

  #evictOldest(): void {
    const [oldest] = this.#groups;
    const [key, group] = oldest!;
    this.evicted += Math.max(1, group.missing.length + group.covered.length);
    this.#forget(key, group);
  }

  #forget(key: string, { missing, covered }: Group): void {
    this.#held -= missing.length + covered.length;
    this.#open.delete(key);
    this.#groups.delete(key);
  }
}

function byNumber(a: Stretch, b: Stretch): number {
  return a.from - b.from;
}

/** The first that reaches up to `number` or beyond. */
function firstUpTo(covered: Group['covered'], number: number): number {
  let low = 0;
  let high = covered.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (covered[middle]![1] < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What is left of a stretch without the losses that were owned up to. */
function uncovered(stretch: Stretch, { covered }: Group): Stretch[] {
  const left: Stretch[] = [];
  let from = stretch.from;
  for (let i = firstUpTo(covered, from); i < covered.length; i++) {
    const [begin, end] = covered[i]!;
    if (begin > stretch.to) break;
    if (begin > from) left.push({ ...stretch, from, to: begin - 1 });
    from = end + 1;
  }
  if (from <= stretch.to) left.push({ ...stretch, from });
  return left;
}
