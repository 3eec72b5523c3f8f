/** One correlation at work: groups of what it refers to, and windows that end by the log's time. */
import type { Json } from '@vitrine/schema';
import { type Grouping, groupingBy } from '../groups/by.ts';
import { held } from '../groups/held.ts';
import { Ordered, type Steps } from '../groups/ordered.ts';
import type { Evidence } from '../input.ts';
import { listOf, numberOf, optional, type Restorer, type Saver, textOf } from '../saved.ts';
import type { EventView } from '../view.ts';
import type { Finding } from '../watch.ts';
import { type CountState, CountSteps } from './count.ts';
import { type Correlation, isCounting } from './read.ts';
import { SequenceSteps } from './sequence.ts';

/** A window that is judged when the log's time has come to `at`. */
interface Timer {
  key: string;
  opened: number;
  at: number;
}

/** So many may be of windows that are no more before it is worth a look. */
const TIMERS_IDLE_MAX = 1_000;

export class CorrelationNode {
  readonly #timespanMs: number;
  readonly #lateMs: number;
  /** By role. */
  readonly #groupings: readonly Grouping[];
  readonly #count: CountSteps | undefined;
  readonly #ordered: Ordered<unknown>;
  /** In the order of `at`. */
  #timers: Timer[] = [];
  /** After the last look, those whose windows were still open. */
  #timersOpen = 0;
  #nowMs = 0;

  /** `lateMs`: how long what it refers to may be on its way. */
  constructor(spec: Correlation, lateMs: number) {
    const { type, timespanMs, threshold, rules } = spec;
    this.#timespanMs = timespanMs;
    this.#lateMs = lateMs;
    this.#groupings = rules.map((rule) => groupingBy(fieldsFor(spec, rule)));
    const counting = isCounting(type) ? threshold : undefined;
    this.#count =
      counting === undefined || !isCounting(type)
        ? undefined
        : new CountSteps(type, counting, timespanMs, (key, opened) => this.#opened(key, opened));
    const steps =
      this.#count ??
      new SequenceSteps(type === 'temporal_ordered', rules.length, timespanMs, threshold);
    this.#ordered = new Ordered<unknown>(steps as Steps<unknown>, lateMs);
  }

  /** Its groups are not of one session each. */
  get isAcross(): boolean {
    return this.#groupings.some(({ bySession }) => !bySession);
  }

  get evicted(): number {
    return this.#ordered.evicted;
  }

  get held(): number {
    return this.#ordered.held;
  }

  shed(found: Finding[]): void {
    this.#ordered.shed(found);
  }

  /** `roles`: one bit for each of its rules that the record meets. */
  add(view: EventView, roles: number, others: readonly Evidence[], found: Finding[]): void {
    let rest = roles;
    while (rest !== 0) {
      const role = 31 - Math.clz32(rest & -rest);
      const { keyOf, bySession } = this.#groupings[role]!;
      const key = keyOf(view);
      // By an alias the same record may be of one group for one rule, of another for the next.
      let together = 0;
      for (let other = role; other < this.#groupings.length; other++) {
        const bit = 1 << other;
        if ((rest & bit) === 0) continue;
        if (other === role || this.#groupings[other]!.keyOf(view) === key) together |= bit;
      }
      rest &= ~together;
      if (key === undefined) continue;
      const session = bySession ? view.row.session : undefined;
      this.#ordered.add(key, session, held(view, together, others), found);
    }
  }

  tick(nowMs: number, found: Finding[]): void {
    this.#nowMs = nowMs;
    this.#ordered.tick(nowMs, found);
    let over = 0;
    for (; over < this.#timers.length && this.#timers[over]!.at <= nowMs; over++) {
      this.#judge(this.#timers[over]!, found);
    }
    if (over > 0) this.#timers.splice(0, over);
  }

  close(session: string, found: Finding[]): void {
    this.#ordered.close(session, found);
  }

  save(saver: Saver): Json {
    const timers = this.#timers.map(({ key, opened, at }): Json => [key, opened, at]);
    return [this.#ordered.save(saver), timers, this.#nowMs, this.#timersOpen];
  }

  load(saved: Json, restorer: Restorer): void {
    const [ordered, timers, nowMs, timersOpen] = listOf(saved);
    this.#ordered.load(ordered, restorer);
    this.#nowMs = numberOf(nowMs);
    this.#timersOpen = optional(timersOpen, numberOf) ?? 0;
    this.#timers = listOf(timers).map((timer) => {
      const [key, opened, at] = listOf(timer);
      return { key: textOf(key), opened: numberOf(opened), at: numberOf(at) };
    });
  }

  #opened(key: string, opened: number): void {
    this.#timers.push({ key, opened, at: this.#nowMs + this.#timespanMs + this.#lateMs });
    if (this.#timers.length <= 2 * this.#timersOpen + TIMERS_IDLE_MAX) return;
    // Groups that a flood of new ones has pushed out leave their timers behind.
    this.#timers = this.#timers.filter((one) => this.#open(one) !== undefined);
    this.#timersOpen = this.#timers.length;
  }

  /** The window of a timer, unless it is no more. */
  #open({ key, opened }: Pick<Timer, 'key' | 'opened'>): CountState | undefined {
    const state = this.#ordered.stateOf(key) as CountState | undefined;
    return state?.opened === opened ? state : undefined;
  }

  #judge(timer: Timer, found: Finding[]): void {
    const { key, opened } = timer;
    if (this.#open(timer) === undefined) return;
    this.#ordered.releaseUpTo(key, opened + this.#timespanMs, found);
    const state = this.#open(timer);
    if (state !== undefined) found.push(...this.#count!.judgeWindow(state, key));
  }
}

/** The group-by of one of the rules: an alias stands for a field of it. */
function fieldsFor({ groupBy, aliases }: Correlation, rule: string): string[] {
  return groupBy.map((name) => aliases.get(name)?.get(rule) ?? name);
}
