/** One end of the brush: a slider over the buckets. */
'use client';

import type { ReactNode } from 'react';
import { movedEnd } from './bars.ts';

interface BrushEndProps {
  name: string;
  at: number;
  last: number;
  /** From the left of the bars, in CSS. */
  left: string;
  /** The time it stands at. */
  text: string;
  onMove(at: number): void;
  onClear(): void;
}

export function BrushEnd(props: BrushEndProps): ReactNode {
  const { name, at, last, left, text, onMove, onClear } = props;
  return (
    <span
      role="slider"
      tabIndex={0}
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={at}
      aria-valuetext={text}
      className="brush-end absolute inset-y-0 -ml-3 w-6 cursor-ew-resize"
      style={{ left }}
      onKeyDown={(event) => {
        const to = movedEnd(event.key, at, last);
        if (to === undefined && event.key !== 'Escape') return;
        // Neither the page's keys nor its scrolling.
        event.preventDefault();
        event.stopPropagation();
        if (to === undefined) onClear();
        else if (to !== at) onMove(to);
      }}
    />
  );
}
