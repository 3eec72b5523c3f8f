/** Who saw an event, as a shape and a word; the log's own records have no vantage. */
import type { ReactNode } from 'react';
import { SafeText } from './safe-text.tsx';

const SHAPES: Record<string, ReactNode> = {
  agent: (
    <>
      <rect x="2.5" y="3" width="11" height="10" rx="1.5" />
      <path d="m5 6.5 2 1.75L5 10M8.5 10.5h2.5" />
    </>
  ),
  guest: (
    <>
      <rect x="2" y="2" width="12" height="12" rx="1.5" strokeDasharray="2.5 2" />
      <circle cx="8" cy="6.8" r="1.6" />
      <path d="M5 12c.4-1.7 1.6-2.6 3-2.6s2.6.9 3 2.6" />
    </>
  ),
  boundary: (
    <>
      <path d="M8 1.8 13 3.6v4c0 3.2-2 5.4-5 6.6-3-1.2-5-3.4-5-6.6v-4L8 1.8Z" />
      <path d="M8 2v12" />
    </>
  ),
  host: (
    <>
      <rect x="2.5" y="2.5" width="11" height="4.5" rx="1" />
      <rect x="2.5" y="9" width="11" height="4.5" rx="1" />
      <path d="M5 4.75h.1M5 11.25h.1" />
    </>
  ),
};

const LOG = (
  <>
    <circle cx="8" cy="3.2" r="1.4" />
    <circle cx="4" cy="12.2" r="1.4" />
    <circle cx="12" cy="12.2" r="1.4" />
    <path d="M8 4.6v3M8 7.6 4.6 11M8 7.6l3.4 3.4" />
  </>
);

/** The word for a vantage; what the collector wrote itself has none. */
export function vantageWord(vantage: string): string {
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
        {Object.hasOwn(SHAPES, vantage) ? SHAPES[vantage] : LOG}
      </svg>
      <SafeText text={vantageWord(vantage)} className="truncate" />
    </span>
  );
}
