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
import { leavesBeside, type Mark, markIn, markOf, saveMark } from './marks.ts';
import { holds, measure, shownNumber, valueReader } from './measure.ts';
import { type Counting, isAtLeast, type Threshold } from './read.ts';
import { opens } from './sequence.ts';

export interface CountState {
  /** In the order of time. */
  marks: Mark[];
  /** How often each value stands in `marks`: made from them, and kept only by `value_count`. */
  counts: Map<Mark['value'], number>;
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
    this.isSliding = threshold.tests.every(({ operator }) => isAtLeast(operator));
  }

  fresh(): CountState {
    return { marks: [], counts: new Map(), firedAt: undefined, opened: undefined, last: undefined };
  }

  step(state: CountState, one: Held, key: string): readonly Finding[] {
    const value = this.#valueOf(one.view);
    if (value === undefined) return NONE;
    const mark = markOf(one, value);
    return this.isSliding ? this.#slide(state, one, mark, key) : this.#fill(state, one, mark, key);
  }

  #slide(state: CountState, one: Held, mark: Mark, key: string): readonly Finding[] {
    const { marks } = state;
    const isLast = marks.length === 0 || marks.at(-1)!.t <= mark.t;
    marks.splice(isLast ? marks.length : marks.findIndex(({ t }) => t > mark.t), 0, mark);
    this.#count(state, mark, 1);
    const from = marks.at(-1)!.t - this.#timespanMs;
    let gone = 0;
    while (marks[gone]!.t < from) gone++;
    for (const old of gone > 0 ? marks.splice(0, gone) : NONE) this.#count(state, old, -1);
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
    const isCounted = this.#type === 'value_count' && marks === state.marks;
    const measured = isCounted
      ? state.counts.size
      : measure(this.#type, marks, this.#threshold.percentile);
    if (!holds(this.#threshold, measured)) return NONE;
    state.firedAt = one?.t;
    const others = leavesBeside({ view, others: one?.others ?? [] }, marks);
    const match = { count: marks.length, value: shownNumber(measured) };
    return [{ view: new EventView(view.row, view.context, match), others, group: key }];
  }

  #count({ counts }: CountState, { value }: Mark, by: 1 | -1): void {
    if (this.#type !== 'value_count') return;
    const count = (counts.get(value) ?? 0) + by;
    if (count === 0) counts.delete(value);
    else counts.set(value, count);
  }

  size({ marks }: CountState): number {
    return marks.length;
  }

  trim(state: CountState): number {
    const gone = state.marks.splice(0, 1);
    if (this.isSliding) for (const mark of gone) this.#count(state, mark, -1);
    return gone.length;
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
      counts: new Map(),
      firedAt: optional(firedAt, numberOf),
      opened: optional(opened, numberOf),
      last: optional(last, (view) => restorer.view(view)),
    };
    if (this.isSliding) for (const mark of state.marks) this.#count(state, mark, 1);
    return state;
  }
}
