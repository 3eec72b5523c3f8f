/** The state of a row, as a shape and a word: never by colour alone. */

import { plainText } from '@vitrine/schema/text';
import type { ReactNode } from 'react';
import { Badge } from '../../ui/badge.tsx';
import type { RowState } from './row-state.ts';

const SHAPES: Record<RowState, string> = { sealed: '✓', pending: '…', gap: '!', broken: '✕' };

interface RowBadgeProps {
  state: RowState;
  /** Shown on hover. */
  reason?: string | undefined;
  className?: string;
}

export function RowBadge({ state, reason, className }: RowBadgeProps): ReactNode {
  return (
    <Badge
      tone={state}
      title={reason === undefined ? undefined : plainText(reason)}
      {...(className === undefined ? {} : { className })}
      icon={
        <span aria-hidden="true" className="inline-block w-3 text-center font-mono font-bold">
          {SHAPES[state]}
        </span>
      }
    >
      {state}
    </Badge>
  );
}
