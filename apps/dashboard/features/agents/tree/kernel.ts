/**
 * The kernel's view of a tool call: what an observer outside the agent saw while it ran. Two
 * programs that know nothing of each other told of the same moment, so this is an attribution by
 * time, and is shown as one. An observer that knows the agent's id narrows it.
 */
import { EVENT_KINDS, VANTAGES } from '@vitrine/schema/record';
import { MAIN_AGENT, nanos, textAt } from './facts.ts';
import { type TreeEvent, type TreeNode, walk } from './node.ts';

/** Kinds that observers outside the agent tell of: what to ask the API for. */
export const KERNEL_KINDS: string[] = [...EVENT_KINDS].filter(
  (kind) => kind === 'process.exec' || /^(file|net|dns|egress)\./.test(kind),
);

/** All but `agent`: what the agent's own process cannot have said. */
export const KERNEL_VANTAGES: string[] = VANTAGES.filter((vantage) => vantage !== 'agent');

export interface Seen {
  event: TreeEvent;
  t: bigint;
  /** `agent`: the observer named this agent too. */
  by: 'time' | 'agent';
}

export interface KernelCounts {
  exec: number;
  /** Different paths. */
  files: number;
  net: number;
  egress: number;
}

interface Observed {
  event: TreeEvent;
  t: bigint;
  agent: string | undefined;
}

/** Events by time, to find those of a span without looking at each. */
export class KernelView {
  readonly #observed: Observed[];

  constructor(events: TreeEvent[]) {
    this.#observed = events
      .filter(({ vantage }) => KERNEL_VANTAGES.includes(vantage))
      .map((event) => ({ event, t: nanos(event.t), agent: textAt(event.record, 'agent.id') }))
      .sort((a, b) => (a.t === b.t ? a.event.index - b.event.index : a.t < b.t ? -1 : 1));
  }

  get size(): number {
    return this.#observed.length;
  }

  /** Of a call that nobody saw end, none: what came after may be anybody's. */
  of(node: TreeNode): Seen[] {
    const { span, agent } = node;
    if (span?.end === undefined) return [];
    const seen: Seen[] = [];
    for (let i = this.#firstAt(span.start); i < this.#observed.length; i++) {
      const { event, t, agent: named } = this.#observed[i]!;
      if (t > span.end) break;
      if (named !== undefined && named !== (agent ?? MAIN_AGENT)) continue;
      seen.push({ event, t, by: named === undefined ? 'time' : 'agent' });
    }
    return seen;
  }

  /** What happened while no tool call ran: an agent that says nothing of its doings leaves this. */
  outside(root: TreeNode): Seen[] {
    const within = new Set<number>();
    for (const node of walk(root)) {
      if (node.type !== 'tool') continue;
      for (const { event } of this.of(node)) within.add(event.index);
    }
    return this.#observed
      .filter(({ event }) => !within.has(event.index))
      .map(({ event, t }) => ({ event, t, by: 'time' }));
  }

  #firstAt(t: bigint): number {
    let [low, high] = [0, this.#observed.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#observed[middle]!.t < t) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function countsOf(seen: Seen[]): KernelCounts {
  const files = new Set<unknown>();
  const counts: KernelCounts = { exec: 0, files: 0, net: 0, egress: 0 };
  for (const { event } of seen) {
    const { kind, record, title } = event;
    if (kind === 'process.exec') counts.exec++;
    else if (kind.startsWith('egress.')) counts.egress++;
    else if (kind.startsWith('net.') || kind.startsWith('dns.')) counts.net++;
    else if (kind.startsWith('file.')) files.add(textAt(record, 'file.path') ?? title);
  }
  return { ...counts, files: files.size };
}

/** `3 exec, 12 files, 1 egress`; what there was none of is left out. */
export function countWords({ exec, files, net, egress }: KernelCounts): string {
  const words = [
    exec === 0 ? '' : `${exec} exec`,
    files === 0 ? '' : `${files} ${files === 1 ? 'file' : 'files'}`,
    net === 0 ? '' : `${net} net`,
    egress === 0 ? '' : `${egress} egress`,
  ].filter((word) => word !== '');
  return words.length === 0 ? 'nothing' : words.join(', ');
}
