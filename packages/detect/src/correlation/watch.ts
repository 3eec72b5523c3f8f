/**
 * A rule of several documents: records go to the rules that select them, their matches to the
 * correlations that refer to them, and from these to others, up to the outermost.
 */
import type { Json } from '@vitrine/schema';
import { listOf, numberOf, type Restorer, type Saver } from '../saved.ts';
import type { Predicate } from '../value.ts';
import { type EventView, slimView } from '../view.ts';
import { type Finding, LogClock, NONE, type Watch } from '../watch.ts';
import { CorrelationNode } from './node.ts';
import { type Correlation, isAtLeast, isCounting } from './read.ts';

/** What a correlation refers to, at a place among its rules. */
interface Source {
  node: number;
  role: number;
}

/** The documents of one rule; a correlation comes after all that it refers to. */
export interface CorrelationPlan {
  bases: { selects: Predicate; feeds: Source[] }[];
  nodes: { spec: Correlation; feeds: Source[]; lateMs: number }[];
  /** Members of records that groups, values and alerts are made from. */
  needed: ReadonlySet<string>;
}

export class CorrelationWatch implements Watch {
  readonly #plan: CorrelationPlan;
  readonly #nodes: CorrelationNode[];
  readonly #clock = new LogClock();
  /** Roles of the record at hand, by node. */
  readonly #roles: Int32Array;

  constructor(plan: CorrelationPlan) {
    this.#plan = plan;
    this.#nodes = plan.nodes.map(({ spec, lateMs }) => new CorrelationNode(spec, lateMs));
    this.#roles = new Int32Array(plan.nodes.length);
  }

  get isAcross(): boolean {
    return this.#nodes.at(-1)!.isAcross;
  }

  get evicted(): number {
    return this.#nodes.reduce((sum, { evicted }) => sum + evicted, 0);
  }

  get held(): number {
    return this.#nodes.reduce((sum, { held }) => sum + held, 0);
  }

  shed(): readonly Finding[] {
    const most = Math.max(...this.#nodes.map(({ held }) => held));
    const fullest = this.#nodes.findIndex(({ held }) => held === most);
    return this.#upward((node, i, found) => {
      if (i === fullest) node.shed(found);
    });
  }

  feed(view: EventView): readonly Finding[] {
    let isFed = false;
    for (const { selects, feeds } of this.#plan.bases) {
      if (!selects(view)) continue;
      isFed = true;
      for (const { node, role } of feeds) this.#roles[node]! |= 1 << role;
    }
    if (!isFed) return NONE;
    const slim = slimView(view, this.#plan.needed);
    return this.#upward((node, i, found) => {
      const roles = this.#roles[i]!;
      this.#roles[i] = 0;
      if (roles !== 0) node.add(slim, roles, [], found);
    });
  }

  tick(sealMs: number): readonly Finding[] {
    const nowMs = this.#clock.advance(sealMs);
    return this.#upward((node, _, found) => node.tick(nowMs, found));
  }

  close(session: string): readonly Finding[] {
    return this.#upward((node, _, found) => node.close(session, found));
  }

  save(saver: Saver): Json {
    const { sealMs, nowMs } = this.#clock;
    return [sealMs, nowMs, this.#nodes.map((node) => node.save(saver))];
  }

  load(state: Json, restorer: Restorer): void {
    const [sealMs, nowMs, nodes] = listOf(state);
    this.#clock.sealMs = numberOf(sealMs);
    this.#clock.nowMs = numberOf(nowMs);
    const saved = listOf(nodes);
    for (const [i, node] of this.#nodes.entries()) node.load(saved[i] ?? null, restorer);
  }

  /** What one finds goes to those above it, which come later; what the last finds is the rule's. */
  #upward(work: (node: CorrelationNode, i: number, found: Finding[]) => void): readonly Finding[] {
    const found: Finding[][] = this.#nodes.map(() => []);
    for (const [i, node] of this.#nodes.entries()) {
      work(node, i, found[i]!);
      for (const { node: above, role } of this.#plan.nodes[i]!.feeds) {
        for (const { view, others } of found[i]!) {
          this.#nodes[above]!.add(view, 1 << role, others, found[above]!);
        }
      }
    }
    return found.at(-1)!;
  }
}

/** How late a correlation's findings may come after the record that completes them. */
export function latenessBehind({ type, threshold, timespanMs }: Correlation, lateMs: number) {
  const whole = isCounting(type) && threshold!.tests.some(({ operator }) => !isAtLeast(operator));
  return lateMs + (whole ? timespanMs : 0);
}
