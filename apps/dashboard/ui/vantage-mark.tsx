/** Who saw an event, as a shape and a word; the log's own records have no vantage. */
import type { ReactNode } from 'react';
import { SafeText } from './safe-text.tsx';

/** One path each: lists draw hundreds of them. */
const SHAPES: Record<string, string> = {
  agent:
    'M4 3h8a1.5 1.5 0 0 1 1.5 1.5v7A1.5 1.5 0 0 1 12 13H4a1.5 1.5 0 0 1-1.5-1.5v-7' +
    'A1.5 1.5 0 0 1 4 3Z' +
    'm1 3.5 2 1.75L5 10m3.5.5H11',
  guest:
    'M2 5V3.5A1.5 1.5 0 0 1 3.5 2H5m6 0h1.5A1.5 1.5 0 0 1 14 3.5V5' +
    'm0 6v1.5a1.5 1.5 0 0 1-1.5 1.5H11' +
    'm-6 0H3.5A1.5 1.5 0 0 1 2 12.5V11M6.4 6.8a1.6 1.6 0 1 0 3.2 0 1.6 1.6 0 1 0-3.2 0' +
    'M5 12c.4-1.7 1.6-2.6 3-2.6s2.6.9 3 2.6',
  boundary: 'M8 1.8 13 3.6v4c0 3.2-2 5.4-5 6.6-3-1.2-5-3.4-5-6.6v-4L8 1.8ZM8 2v12',
  host:
    'M3.5 2.5h9a1 1 0 0 1 1 1V6a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1V3.5a1 1 0 0 1 1-1Z' +
    'm0 6.5h9a1 1 0 0 1 1 1v2.5a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1V10a1 1 0 0 1 1-1Z' +
    'M5 4.75h.1M5 11.25h.1',
};

const LOG =
  'M6.6 3.2a1.4 1.4 0 1 0 2.8 0 1.4 1.4 0 1 0-2.8 0' +
  'M2.6 12.2a1.4 1.4 0 1 0 2.8 0 1.4 1.4 0 1 0-2.8 0' +
  'm8 0a1.4 1.4 0 1 0 2.8 0 1.4 1.4 0 1 0-2.8 0M8 4.6v3L4.6 11M8 7.6l3.4 3.4';

/** The word for a vantage; what the collector wrote itself has none. */
function vantageWord(vantage: string): string {
  return vantage === '' ? 'log' : vantage;
}

export function VantageMark({ vantage }: { vantage: string }): ReactNode {
  return (
    <span className="inline-flex min-w-0 items-center gap-1.5">
      <svg
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        className="size-3.5 shrink-0"
      >
        <path d={Object.hasOwn(SHAPES, vantage) ? SHAPES[vantage] : LOG} />
      </svg>
      <SafeText text={vantageWord(vantage)} className="truncate" />
    </span>
  );
}
