/** A share from 0 to 100 % as a bar, with the line at what is usual: the axis is whole. */
import type { ReactNode } from 'react';
import { percentText, USUAL_RATIO } from './words.ts';

const WIDTH = 100;
const HEIGHT = 10;

export function RatioBar({ ratio, title }: { ratio: number; title: string }): ReactNode {
  const usual = USUAL_RATIO * WIDTH;
  const side = ratio >= USUAL_RATIO ? 'at or over' : 'under';
  return (
    <span className="flex flex-col gap-x-2 sm:flex-row sm:items-center" title={title}>
      <svg
        viewBox={`0 -2 ${WIDTH} ${HEIGHT + 4}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${percentText(ratio)}, ${side} the line at ${percentText(USUAL_RATIO)}`}
        className="h-3.5 w-full shrink-0 overflow-visible sm:w-28"
      >
        <rect width={WIDTH} height={HEIGHT} rx="1" className="fill-raised" />
        <rect
          width={Math.max(ratio * WIDTH, ratio > 0 ? 1 : 0)}
          height={HEIGHT}
          rx="1"
          className={ratio >= USUAL_RATIO ? 'fill-medium' : 'fill-accent'}
        />
        <line
          x1={usual}
          x2={usual}
          y1="-2"
          y2={HEIGHT + 2}
          vectorEffect="non-scaling-stroke"
          strokeWidth="1.5"
          className="stroke-text"
        />
      </svg>
      <span className="tabular-nums">{percentText(ratio)}</span>
    </span>
  );
}
