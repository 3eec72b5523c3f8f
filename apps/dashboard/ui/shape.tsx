/** The small shape in a badge, on one 12 × 12 grid: it says what colour and word say. */
import type { ReactNode } from 'react';

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
