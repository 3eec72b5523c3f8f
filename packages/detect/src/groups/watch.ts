/** A rule that remembers by group: its own records and those of its other selections. */
import type { Json } from '@vitrine/schema';
import { listOf, numberOf, type Restorer, type Saver } from '../saved.ts';
import type { Predicate } from '../value.ts';
import { type EventView, slimView } from '../view.ts';
import { type Finding, LogClock, NONE, type Watch } from '../watch.ts';
import type { Grouping } from './by.ts';
import { held } from './held.ts';
import { Ordered, type Steps } from './ordered.ts';

/** One selection of the rule, and the groups of its records. */
export interface Side {
  selects: Predicate;
  grouping: Grouping;
}

export class GroupWatch<S> implements Watch {
  readonly isAcross: boolean;
  readonly #sides: readonly Side[];
  readonly #needed: ReadonlySet<string>;
  readonly #ordered: Ordered<S>;
  readonly #clock = new LogClock();

  /**
   * The first side is the rule's own selection: bit 0 of `roles`. `told`: the groups that findings
   * name, where they are others than those that are kept.
   */
  constructor(
    sides: readonly Side[],
    needed: ReadonlySet<string>,
    steps: Steps<S>,
    lateMs: number,
    told = sides[0]!.grouping,
  ) {
    this.isAcross = !told.bySession;
    this.#sides = sides;
    this.#needed = needed;
    this.#ordered = new Ordered(steps, lateMs);
  }

  get evicted(): number {
    return this.#ordered.evicted;
  }

  get held(): number {
    return this.#ordered.held;
  }

  shed(): readonly Finding[] {
    const found: Finding[] = [];
    this.#ordered.shed(found);
    return found;
  }

  feed(view: EventView): readonly Finding[] {
    let roles = 0;
    for (let i = 0; i < this.#sides.length; i++) {
      if (this.#sides[i]!.selects(view)) roles |= 1 << i;
    }
    if (roles === 0) return NONE;
    const slim = slimView(view, this.#needed);
    const found: Finding[] = [];
    for (let i = 0; i < this.#sides.length; i++) {
      if ((roles & (1 << i)) === 0) continue;
      const key = this.#sides[i]!.grouping.keyOf(view);
      let together = 1 << i;
      for (let j = i + 1; j < this.#sides.length; j++) {
        const isSame = (roles & (1 << j)) !== 0 && this.#sides[j]!.grouping.keyOf(view) === key;
        if (isSame) together |= 1 << j;
      }
      roles &= ~together;
      if (key === undefined) continue;
      const session = this.#sides[i]!.grouping.bySession ? view.row.session : undefined;
      this.#ordered.add(key, session, held(slim, together, []), found);
    }
    return found;
  }

  tick(sealMs: number): readonly Finding[] {
    const found: Finding[] = [];
    this.#ordered.tick(this.#clock.advance(sealMs), found);
    return found;
  }

  close(session: string): readonly Finding[] {
    const found: Finding[] = [];
    this.#ordered.close(session, found);
    return found;
  }

  save(saver: Saver): Json {
    const { sealMs, nowMs } = this.#clock;
    return [sealMs, nowMs, this.#ordered.save(saver)];
  }

  load(state: Json, restorer: Restorer): void {
    const [sealMs, nowMs, ordered] = listOf(state);
    this.#clock.sealMs = numberOf(sealMs);
    this.#clock.nowMs = numberOf(nowMs);
    this.#ordered.load(ordered, restorer);
  }
}
