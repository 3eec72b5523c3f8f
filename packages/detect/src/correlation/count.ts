/**
 * `event_count` and the `value_` correlations. A measure that has to be large (`gt`, `gte`) is
 * compared with each record, over the timespan that ends with it. Any other comparison is only
 * true of a whole window: it begins with a record, lasts the timespan, and is judged when the log
 * has gone on so far.
 */
import type { Json } from '@vitrine/schema';
import type { Held } from '../groups/held.ts';
import type { Steps } from '../groups/ordered.ts';
import { listOf, numberOf, optional, type Restorer, type Saver } from '../saved.ts';
import { EventView, fieldReader } from '../view.ts';
import { type Finding, NONE } from '../watch.ts';
import { fallIn, trendReader } from './falling.ts';
import { leavesBeside, type Mark, markIn, markOf, saveMark } from './marks.ts';
import { holds, measure, shownNumber, valueReader } from './measure.ts';
import { type Counting, isAtLeast, type Threshold } from './read.ts';
import { opens } from './sequence.ts';
import { Tally } from './tally.ts';

export interface CountState {
  /** In the order of time. */
  marks: Mark[];
  /** Of `marks`, where the window slides. */
  tally: Tally;
  firedAt: number | undefined;
  /** When the window began, of a rule that judges whole ones. */
  opened: number | undefined;
  /** The last record of that window. */
  last: EventView | undefined;
}

export class CountSteps implements Steps<CountState> {
  readonly #type: Counting;
  readonly #threshold: Threshold;
  readonly #timespanMs: number;
  readonly #valueOf: (view: EventView) => string | number | undefined;
  readonly #trendOf: (view: EventView) => number | undefined;
  /** Compares with each record, not with whole windows. */
  readonly isSliding: boolean;
  readonly #onOpen: (key: string, opened: number) => void;

  /** `onOpen`: a window began, and is to be judged (`end`) when its time is over. */
  constructor(
    type: Counting,
    threshold: Threshold,
    timespanMs: number,
    onOpen: (key: string, opened: number) => void,
  ) {
    this.#type = type;
    this.#threshold = threshold;
    this.#timespanMs = timespanMs;
    this.#onOpen = onOpen;
    this.#valueOf = valueReader(type, threshold.fields.map(fieldReader));
    this.#trendOf = trendReader(threshold.falling);
    this.isSliding = threshold.tests.every(({ operator }) => isAtLeast(operator));
  }

  fresh(): CountState {
    const tally = new Tally(this.#type);
    return { marks: [], tally, firedAt: undefined, opened: undefined, last: undefined };
  }

  step(state: CountState, one: Held, key: string): readonly Finding[] {
    const value = this.#valueOf(one.view);
    if (value === undefined) return NONE;
    const mark = markOf(one, value, this.#trendOf(one.view));
    return this.isSliding ? this.#slide(state, one, mark, key) : this.#fill(state, one, mark, key);
  }

  #slide(state: CountState, one: Held, mark: Mark, key: string): readonly Finding[] {
    const { marks, tally } = state;
    const isLast = marks.length === 0 || marks.at(-1)!.t <= mark.t;
    if (isLast) marks.push(mark);
    else marks.splice(marks.findLastIndex(({ t }) => t <= mark.t) + 1, 0, mark);
    tally.add(mark.value);
    const from = marks.at(-1)!.t - this.#timespanMs;
    let gone = 0;
    while (marks[gone]!.t < from) gone++;
    for (const { value } of gone > 0 ? marks.splice(0, gone) : NONE) tally.remove(value);
    if (!opens(state, one.t, this.#timespanMs)) return NONE;
    const began = one.t - this.#timespanMs;
    const window = isLast ? marks : marks.filter(({ t }) => t >= began && t <= one.t);
    return this.#judge(state, one.view, window, key, one);
  }

  #fill(state: CountState, one: Held, mark: Mark, key: string): readonly Finding[] {
    const over = state.opened !== undefined && one.t > state.opened + this.#timespanMs;
    const found = over ? this.judgeWindow(state, key) : NONE;
    if (state.opened === undefined) {
      state.opened = one.t;
      this.#onOpen(key, one.t);
    }
    state.marks.push(mark);
    state.last = one.view;
    return found;
  }

  /** The open window is over. */
  judgeWindow(state: CountState, key: string): readonly Finding[] {
    const { marks, last } = state;
    state.marks = [];
    state.opened = undefined;
    state.last = undefined;
    if (last === undefined || marks.length === 0) return NONE;
    return this.#judge(state, last, marks, key);
  }

  #judge(
    state: CountState,
    view: EventView,
    marks: readonly Mark[],
    key: string,
    one?: Held,
  ): readonly Finding[] {
    if (marks.length < this.#threshold.min) return NONE;
    const { percentile, falling } = this.#threshold;
    const measured =
      this.isSliding && marks === state.marks
        ? state.tally.of(marks, percentile)
        : measure(this.#type, marks, percentile);
    if (!holds(this.#threshold, measured)) return NONE;
    const fall = falling === undefined ? undefined : fallIn(falling, marks);
    if (falling !== undefined && fall === undefined) return NONE;
    state.firedAt = one?.t;
    const shown = fall === undefined ? marks : [...marks, ...fall.marks];
    const others = leavesBeside({ view, others: one?.others ?? [] }, shown);
    const match = { count: marks.length, value: shownNumber(measured), ...fall?.match };
    return [{ view: new EventView(view.row, view.context, match), others, group: key }];
  }

  size({ marks }: CountState): number {
    return marks.length;
  }

  trim(state: CountState): number {
    // Not `splice`, which moves all the others.
    const gone = state.marks.shift();
    if (gone === undefined) return 0;
    if (this.isSliding) state.tally.remove(gone.value);
    return 1;
  }

  end(state: CountState, key: string): readonly Finding[] {
    return this.isSliding ? NONE : this.judgeWindow(state, key);
  }

  save({ marks, firedAt, opened, last }: CountState, saver: Saver): Json {
    const view = last === undefined ? null : saver.view(last);
    return [marks.map(saveMark), firedAt ?? null, opened ?? null, view];
  }

  load(saved: Json, restorer: Restorer): CountState {
    const [marks, firedAt, opened, last] = listOf(saved);
    const state: CountState = {
      marks: listOf(marks).map(markIn),
      tally: new Tally(this.#type),
      firedAt: optional(firedAt, numberOf),
      opened: optional(opened, numberOf),
      last: optional(last, (view) => restorer.view(view)),
    };
    if (this.isSliding) for (const { value } of state.marks) state.tally.add(value);
    return state;
  }
}
