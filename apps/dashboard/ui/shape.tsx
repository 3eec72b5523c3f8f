/** The small shape in a badge, on one 12 × 12 grid: it says what colour and word say. */
import type { ReactNode } from 'react';

export const CHECK = 'M2 6.4 4.8 9 10 3.4';
export const CROSS = 'M2.8 2.8l6.4 6.4M9.2 2.8 2.8 9.2';
export const BARS = 'M4 2.5v7M8 2.5v7';
export const DASH = 'M2.5 6h7';

/** `path`: the `d` of one SVG path. */
export function Shape({ path }: { path: string }): ReactNode {
  return (
    <svg
      viewBox="0 0 12 12"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className="size-3 shrink-0"
    >
      <path d={path} />
    </svg>
  );
}
