/**
 * How much a group does in a stretch of time, against what such stretches came to before. Time is
 * cut into windows; each one in which something happened is one sample for each group in it. What
 * is beyond the threshold counts as the threshold, so that no one raises it at a stroke.
 */
import { DETECT_HISTORY_MAX, type Json } from '@vitrine/schema';
import { leavesBeside, type Mark, markIn, markOf, saveMark } from '../correlation/marks.ts';
import { amountOf, nearestRank, shownNumber } from '../correlation/measure.ts';
import { opens } from '../correlation/sequence.ts';
import type { Grouping } from '../groups/by.ts';
import type { Held } from '../groups/held.ts';
import type { Steps } from '../groups/ordered.ts';
import { listOf, numberOf, optional, textOf } from '../saved.ts';
import { EventView, type FieldReader } from '../view.ts';
import { type Finding, NONE } from '../watch.ts';

export interface History {
  factor: number;
  /** Below it nothing is found, whatever was before. */
  floor: number | undefined;
  /** Samples before the history counts: until then only the floor does. */
  min: number;
  /** Percent; undefined for the moving average. */
  quantile: number | undefined;
  /** Of the newest sample in the moving average. */
  weight: number;
}

interface GroupMark extends Mark {
  group: string;
}

interface State {
  /** In the order of time. */
  marks: GroupMark[];
  /** Number of the window that is being filled. */
  window: number | undefined;
  /** What each group has come to in it. */
  totals: Map<string, number>;
  firedAt: Map<string, number>;
  samples: number;
  average: number;
  /** The last samples, for a quantile. */
  recent: number[];
}

export class BaselineSteps implements Steps<State> {
  readonly #grouping: Grouping;
  readonly #amount: FieldReader | undefined;
  readonly #withinMs: number;
  readonly #history: History;

  /** Without `amount` records are counted. */
  constructor(
    grouping: Grouping,
    amount: FieldReader | undefined,
    withinMs: number,
    history: History,
  ) {
    this.#grouping = grouping;
    this.#amount = amount;
    this.#withinMs = withinMs;
    this.#history = history;
  }

  fresh(): State {
    return {
      marks: [],
      window: undefined,
      totals: new Map(),
      firedAt: new Map(),
      samples: 0,
      average: 0,
      recent: [],
    };
  }

  step(state: State, one: Held): readonly Finding[] {
    const group = this.#grouping.keyOf(one.view);
    const amount = this.#amount === undefined ? 1 : amountOf(this.#amount(one.view));
    if (group === undefined || amount === undefined || amount < 0) return NONE;
    this.#enter(state, Math.floor(one.t / this.#withinMs));
    if (Math.floor(one.t / this.#withinMs) === state.window) {
      state.totals.set(group, (state.totals.get(group) ?? 0) + amount);
    }
    this.#keep(state, { ...markOf(one, amount), group });
    const threshold = this.#threshold(state);
    if (
      threshold === undefined ||
      !opens({ firedAt: state.firedAt.get(group) }, one.t, this.#withinMs)
    ) {
      return NONE;
    }
    const from = one.t - this.#withinMs;
    const marks = state.marks.filter((m) => m.group === group && m.t >= from && m.t <= one.t);
    let sum = 0;
    for (const { value } of marks) sum += value as number;
    if (!(sum > threshold)) return NONE;
    state.firedAt.set(group, one.t);
    const match = {
      count: marks.length,
      value: shownNumber(sum),
      threshold: shownNumber(threshold),
      baseline: shownNumber(this.#baseline(state) ?? 0),
    };
    const view = new EventView(one.view.row, one.view.context, match);
    return [{ view, others: leavesBeside(one, marks), group }];
  }

  /** The window of this number begins: what was filled before becomes samples. */
  #enter(state: State, window: number): void {
    if (state.window !== undefined && window <= state.window) return;
    const threshold = state.samples < this.#history.min ? undefined : this.#threshold(state);
    for (const total of state.totals.values()) {
      this.#sample(state, threshold === undefined ? total : Math.min(total, threshold));
    }
    state.window = window;
    state.totals.clear();
    const oldest = (window - 1) * this.#withinMs;
    for (const [group, t] of state.firedAt) if (t < oldest) state.firedAt.delete(group);
  }

  #sample(state: State, total: number): void {
    const { quantile, weight } = this.#history;
    state.samples++;
    if (quantile === undefined) {
      const share = state.samples === 1 ? 1 : weight;
      state.average += share * (total - state.average);
      return;
    }
    state.recent.push(total);
    if (state.recent.length > DETECT_HISTORY_MAX) state.recent.shift();
  }

  #baseline({ samples, average, recent }: State): number | undefined {
    const { min, quantile } = this.#history;
    if (samples < min) return undefined;
    return quantile === undefined ? average : nearestRank(recent, quantile);
  }

  #threshold(state: State): number | undefined {
    const { factor, floor } = this.#history;
    const baseline = this.#baseline(state);
    if (baseline === undefined) return floor;
    return Math.max(floor ?? 0, factor * baseline);
  }

  #keep({ marks }: State, mark: GroupMark): void {
    const isLast = marks.length === 0 || marks.at(-1)!.t <= mark.t;
    if (isLast) marks.push(mark);
    else marks.splice(marks.findLastIndex(({ t }) => t <= mark.t) + 1, 0, mark);
    const from = marks.at(-1)!.t - this.#withinMs;
    let gone = 0;
    while (marks[gone]!.t < from) gone++;
    if (gone > 0) marks.splice(0, gone);
  }

  size({ marks, totals, firedAt }: State): number {
    return marks.length + totals.size + firedAt.size;
  }

  trim({ marks, totals, firedAt }: State): number {
    if (marks.shift() !== undefined) return 1;
    for (const map of [totals, firedAt]) {
      for (const group of map.keys()) return Number(map.delete(group));
    }
    return 0;
  }

  end(): readonly Finding[] {
    return NONE;
  }

  save({ marks, window, totals, firedAt, samples, average, recent }: State): Json {
    const kept = marks.map((mark): Json => [mark.group, saveMark(mark)]);
    return [kept, window ?? null, [...totals], [...firedAt], samples, average, recent];
  }

  load(saved: Json): State {
    const [marks, window, totals, firedAt, samples, average, recent] = listOf(saved);
    return {
      marks: listOf(marks).map((one) => {
        const [group, mark] = listOf(one);
        return { ...markIn(mark), group: textOf(group) };
      }),
      window: optional(window, numberOf),
      totals: numbersIn(totals),
      firedAt: numbersIn(firedAt),
      samples: numberOf(samples),
      average: numberOf(average),
      recent: listOf(recent).map(numberOf),
    };
  }
}

function numbersIn(saved: Json | undefined): Map<string, number> {
  return new Map(
    listOf(saved).map((pair) => {
      const [name, value] = listOf(pair);
      return [textOf(name), numberOf(value)] as const;
    }),
  );
}
