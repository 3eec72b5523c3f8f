/**
 * `temporal` and `temporal_ordered`: every rule matched within the timespan, in any order or in
 * theirs. Of many ways to fill an order, the one that began last is taken.
 */
import type { Json } from '@vitrine/schema';
import type { Held } from '../groups/held.ts';
import type { Steps } from '../groups/ordered.ts';
import { listOf, numberOf, optional } from '../saved.ts';
import { EventView } from '../view.ts';
import { type Finding, NONE } from '../watch.ts';
import { leavesBeside, type Mark, markIn, markOf, saveMark } from './marks.ts';
import { holds } from './measure.ts';
import type { Threshold } from './read.ts';

interface State {
  /** By rule: its last match, or the last sequence that ends with it. */
  chains: (Mark[] | undefined)[];
  firedAt: number | undefined;
}

export class SequenceSteps implements Steps<State> {
  readonly #isOrdered: boolean;
  readonly #roles: number;
  readonly #timespanMs: number;

  readonly #threshold: Threshold | undefined;

  /** `threshold`: how many of the rules have to match, where it is not all of them. */
  constructor(
    isOrdered: boolean,
    roles: number,
    timespanMs: number,
    threshold: Threshold | undefined,
  ) {
    this.#threshold = threshold;
    this.#isOrdered = isOrdered;
    this.#roles = roles;
    this.#timespanMs = timespanMs;
  }

  fresh(): State {
    return { chains: Array.from({ length: this.#roles }, () => undefined), firedAt: undefined };
  }

  step(state: State, one: Held, key: string): readonly Finding[] {
    const marks = this.#isOrdered ? this.#chain(state, one) : this.#gather(state, one);
    if (marks === undefined || !opens(state, one.t, this.#timespanMs)) return NONE;
    state.firedAt = one.t;
    const others = leavesBeside(one, marks);
    const match = { count: others.length + 1 };
    return [{ view: new EventView(one.view.row, one.view.context, match), others, group: key }];
  }

  #gather({ chains }: State, one: Held): Mark[] | undefined {
    const mark = markOf(one);
    for (let role = 0; role < this.#roles; role++) {
      const isLater = (chains[role]?.[0]?.t ?? one.t) <= one.t;
      if ((one.roles & (1 << role)) !== 0 && isLater) chains[role] = [mark];
    }
    const from = one.t - this.#timespanMs;
    const met = chains.flatMap((chain) => chain ?? []).filter(({ t }) => t >= from);
    const isEnough =
      this.#threshold === undefined
        ? met.length === this.#roles
        : holds(this.#threshold, met.length);
    return isEnough ? met : undefined;
  }

  #chain({ chains }: State, one: Held): Mark[] | undefined {
    const mark = markOf(one);
    const last = this.#roles - 1;
    let whole: Mark[] | undefined;
    // From the last rule on, so that one record is not two steps of the same sequence.
    for (let role = last; role >= 0; role--) {
      if ((one.roles & (1 << role)) === 0) continue;
      const before = role === 0 ? [] : chains[role - 1];
      if (before === undefined || (before.at(-1)?.t ?? one.t) > one.t) continue;
      if (one.t - (before[0]?.t ?? one.t) > this.#timespanMs) continue;
      const chain = [...before, mark];
      chains[role] = chain;
      if (role === last) whole = chain;
    }
    return whole;
  }

  size({ chains }: State): number {
    return chains.reduce((sum, chain) => sum + (chain?.length ?? 0), 0);
  }

  trim(state: State): number {
    const first = state.chains.findIndex((chain) => chain !== undefined);
    const gone = state.chains[first]?.length ?? 0;
    state.chains[first] = undefined;
    return gone;
  }

  end(): readonly Finding[] {
    return NONE;
  }

  save({ chains, firedAt }: State): Json {
    return [chains.map((chain) => chain?.map(saveMark) ?? null), firedAt ?? null];
  }

  load(saved: Json): State {
    const [chains, firedAt] = listOf(saved);
    const marks = listOf(chains).map((chain) =>
      optional(chain, (list) => listOf(list).map(markIn)),
    );
    return { chains: marks, firedAt: optional(firedAt, numberOf) };
  }
}

/** One finding for each group and window. */
export function opens(state: { firedAt: number | undefined }, t: number, timespanMs: number) {
  return state.firedAt === undefined || Math.abs(t - state.firedAt) >= timespanMs;
}
