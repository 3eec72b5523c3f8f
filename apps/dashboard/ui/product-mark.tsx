/** The sign of the product: a thing in a glass case. */
import type { ReactNode } from 'react';

export function ProductMark(): ReactNode {
  return (
    <svg viewBox="0 0 20 20" fill="none" aria-hidden="true" className="size-5 shrink-0">
      <rect
        x="2.5"
        y="1.75"
        width="15"
        height="13"
        rx="1.5"
        className="stroke-text"
        strokeWidth="1.5"
      />
      <path d="M1.5 18.25h17" className="stroke-text" strokeWidth="1.5" strokeLinecap="round" />
      <rect x="7.25" y="7.5" width="5.5" height="4.5" rx="0.75" className="fill-accent" />
    </svg>
  );
}
