/**
 * `x-vitrine.gap`: numbers of a sequence that never came, and that no record has owned up to. A
 * number has the rule's lateness to come; a stretch is told with the record that stands after it.
 */
import type { Json } from '@vitrine/schema';
import { type Grouping, groupingBy } from '../groups/by.ts';
import { detectionOf, latenessOf, mapOf, nameOf, namesOf, noMore } from '../members.ts';
import { listOf, numberOf, type Restorer, type Saver } from '../saved.ts';
import type { Predicate } from '../value.ts';
import { EventView, type FieldReader, fieldReader, membersBehind, slimView } from '../view.ts';
import { type Finding, LogClock, NONE, type Watch } from '../watch.ts';
import { NumberGroups, type Stretch } from './numbers.ts';
import { NO_KINDS, type Primitive } from './primitive.ts';

/** The record that owns up to a loss. */
interface Cover {
  selects: Predicate;
  grouping: Grouping;
  from: FieldReader;
  to: FieldReader;
}

interface GapTerms {
  selects: Predicate;
  seq: FieldReader;
  grouping: Grouping;
  cover: Cover | undefined;
  lateMs: number;
  needed: ReadonlySet<string>;
}

export function readGap(value: unknown): Primitive {
  const name = 'x-vitrine.gap';
  const { seq, late, covered, 'group-by': groupBy, ...rest } = mapOf(value, name);
  noMore(rest, name);
  const by = namesOf(groupBy, `${name}.group-by`);
  const grouping = groupingBy(by.length === 0 ? ['session', 'shim'] : by);
  const field = nameOf(seq, `${name}.seq`);
  const cover = covered === undefined ? undefined : readCover(covered, grouping, name);
  const lateMs = latenessOf(late, `${name}.late`);
  return {
    kinds: cover?.kinds ?? NO_KINDS,
    make: (selects, shown) => {
      const needed = membersBehind([...shown, field]);
      return new GapWatch({ selects, seq: fieldReader(field), grouping, cover, lateMs, needed });
    },
  };
}

/** `on`: for a member of the group, where the covering record has it. */
function readCover(value: unknown, { names }: Grouping, gap: string) {
  const name = `${gap}.covered`;
  const { by, on, from = 'from', to = 'to', ...rest } = mapOf(value, name);
  noMore(rest, name);
  const { matches, kinds } = detectionOf(by, `${name}.by`);
  const places = Object.entries(mapOf(on ?? {}, `${name}.on`));
  const place = new Map(places.map(([own, other]) => [own, nameOf(other, `${name}.on.${own}`)]));
  return {
    kinds,
    selects: matches,
    grouping: groupingBy(names.map((one) => place.get(one) ?? one)),
    from: fieldReader(nameOf(from, `${name}.from`)),
    to: fieldReader(nameOf(to, `${name}.to`)),
  };
}

class GapWatch implements Watch {
  readonly isAcross: boolean;
  readonly #terms: GapTerms;
  readonly #groups = new NumberGroups();
  readonly #clock = new LogClock();

  constructor(terms: GapTerms) {
    this.#terms = terms;
    this.isAcross = !terms.grouping.bySession;
  }

  get evicted(): number {
    return this.#groups.evicted;
  }

  get held(): number {
    return this.#groups.held;
  }

  shed(): readonly Finding[] {
    this.#groups.shed();
    return NONE;
  }

  feed(view: EventView): readonly Finding[] {
    const { selects, seq, grouping, cover, needed } = this.#terms;
    if (cover?.selects(view)) {
      const [from, to] = [numberIn(cover.from(view)), numberIn(cover.to(view))];
      const key = cover.grouping.keyOf(view);
      if (key !== undefined && from !== undefined && to !== undefined) {
        this.#groups.cover(key, sessionOf(view, grouping), from, to);
      }
    }
    if (!selects(view)) return NONE;
    const number = numberIn(seq(view));
    const key = grouping.keyOf(view);
    if (number === undefined || key === undefined) return NONE;
    const slim = slimView(view, needed);
    this.#groups.came(key, sessionOf(view, grouping), number, slim);
    return NONE;
  }

  tick(sealMs: number): readonly Finding[] {
    const ripe = this.#groups.ripe(this.#clock.advance(sealMs), this.#terms.lateMs);
    return ripe.map(findingOf);
  }

  close(session: string): readonly Finding[] {
    return this.#groups.close(session).map(findingOf);
  }

  save(saver: Saver): Json {
    const { sealMs, nowMs } = this.#clock;
    return [sealMs, nowMs, this.#groups.save(saver)];
  }

  load(state: Json, restorer: Restorer): void {
    const [sealMs, nowMs, groups] = listOf(state);
    this.#clock.sealMs = numberOf(sealMs);
    this.#clock.nowMs = numberOf(nowMs);
    this.#groups.load(groups, restorer);
  }
}

function sessionOf(view: EventView, { bySession }: Grouping): string | undefined {
  return bySession ? view.row.session : undefined;
}

function numberIn(value: Json | undefined): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

function findingOf({ key, after, from, to }: Stretch): Finding {
  const match = { from, to, count: to - from + 1 };
  return { view: new EventView(after.row, after.context, match), others: [], group: key };
}
