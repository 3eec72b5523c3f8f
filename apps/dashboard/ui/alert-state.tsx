/** Where an alert or an incident stands: a shape and a word. */
import type { ReactNode } from 'react';
import { Badge, type Tone } from './badge.tsx';

const TONES: Record<string, Tone> = { open: 'accent', acknowledged: 'pending', closed: 'neutral' };

const SHAPES: Record<string, ReactNode> = {
  open: <circle cx="6" cy="6" r="4.4" />,
  acknowledged: <path d="M6 1.6a4.4 4.4 0 1 0 0 8.8 4.4 4.4 0 0 0 0-8.8ZM6 3.6V6l1.8 1.2" />,
  closed: <path d="m2 6.4 2.7 2.7L10 3.4" />,
};

export function AlertStateBadge({ state }: { state: string }): ReactNode {
  return (
    <Badge
      tone={TONES[state] ?? 'neutral'}
      icon={
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
          {SHAPES[state]}
        </svg>
      }
    >
      {state}
    </Badge>
  );
}
