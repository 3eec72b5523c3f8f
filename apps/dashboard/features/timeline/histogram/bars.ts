/** A histogram as bars: stacked by what the events are about, with the buckets of a chosen time. */
import type { Histogram } from '@vitrine/schema/api';
import type { TimeSpan } from '../window/timeline.ts';

/** Of buckets, both ends among them. */
export interface Brush {
  first: number;
  last: number;
}

export interface Bar {
  n: number;
  events: number;
  /** From the bottom up: part of the whole height, 0 to 1. */
  parts: { group: string; height: number }[];
}

/** First labels of kinds that are one colour; all others are `other`. */
const GROUPS: [group: string, labels: string[]][] = [
  ['process', ['process', 'syscall']],
  ['network', ['net', 'dns', 'egress']],
  ['file', ['file', 'mount']],
  ['agent', ['tool', 'approval', 'prompt', 'model', 'agent', 'mcp', 'skill', 'plugin', 'hook']],
];
export const BAR_GROUPS = [...GROUPS.map(([group]) => group), 'other'];

export function bucketCount({ from, to, width_ns, events }: Histogram): number {
  if (events === 0) return 0;
  return Number((BigInt(to) - BigInt(from)) / BigInt(width_ns)) + 1;
}

export function barsOf({ buckets }: Histogram): Bar[] {
  const most = Math.max(1, ...buckets.map(({ events }) => events));
  return buckets.map(({ n, events, kinds }) => {
    const counts = new Map(BAR_GROUPS.map((group) => [group, 0]));
    for (const [label, count] of Object.entries(kinds)) {
      const group = GROUPS.find(([, labels]) => labels.includes(label))?.[0] ?? 'other';
      counts.set(group, counts.get(group)! + count);
    }
    const parts = [...counts].filter(([, count]) => count > 0);
    return { n, events, parts: parts.map(([group, count]) => ({ group, height: count / most })) };
  });
}

/** The bucket of a time, inside the histogram. */
export function bucketAt(answer: Histogram, t: string): number {
  const n = Number((BigInt(t) - BigInt(answer.from)) / BigInt(answer.width_ns));
  return clamp(n, bucketCount(answer) - 1);
}

export function brushOf(answer: Histogram, span: TimeSpan | undefined): Brush | undefined {
  if (span === undefined || answer.events === 0) return undefined;
  return { first: bucketAt(answer, span.from), last: bucketAt(answer, span.to) };
}

/** The time of the buckets; nothing of it lies outside the histogram. */
export function spanOfBrush({ from, to, width_ns }: Histogram, brush: Brush): TimeSpan {
  const start = BigInt(from) + BigInt(brush.first) * BigInt(width_ns);
  const end = BigInt(from) + BigInt(brush.last + 1) * BigInt(width_ns) - 1n;
  return { from: String(start), to: String(end < BigInt(to) ? end : BigInt(to)) };
}

/** Where an end of the brush goes with a key; `undefined` for a key that moves nothing. */
export function movedEnd(key: string, at: number, last: number): number | undefined {
  const far = Math.max(1, Math.round((last + 1) / 10));
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowDown: -1,
    ArrowRight: 1,
    ArrowUp: 1,
    PageDown: -far,
    PageUp: far,
    Home: -at,
    End: last - at,
  };
  return Object.hasOwn(steps, key) ? clamp(at + steps[key]!, last) : undefined;
}

function clamp(n: number, last: number): number {
  return Math.max(0, Math.min(last, n));
}
