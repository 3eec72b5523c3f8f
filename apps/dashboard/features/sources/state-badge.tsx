/** A state as a shape, a word and a colour that say the same. */
import type { CellState, SourceState } from '@vitrine/schema/api';
import type { ReactNode } from 'react';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { BARS, CHECK, CROSS, DASH, Shape } from '../../ui/shape.tsx';
import { STATE_WORDS } from './words.ts';

const DROP = 'M6 1.4c2 2.4 3.2 4 3.2 5.6a3.2 3.2 0 0 1-6.4 0C2.8 5.4 4 3.8 6 1.4Z';
const MARK = 'M4 4.2C4 2.9 4.9 2.2 6 2.2s2 .7 2 1.8c0 1.5-2 1.6-2 3M6 9.4v.2';
const HALF = 'M6 1.2v9.6M6 1.2a4.8 4.8 0 0 1 0 9.6M6 1.2a4.8 4.8 0 0 0 0 9.6';

const SOURCES: Record<SourceState, [tone: Tone, shape: string]> = {
  never: ['critical', CROSS],
  silent: ['critical', BARS],
  dropping: ['gap', DROP],
  unexpected: ['high', MARK],
  absent: ['neutral', DASH],
  ended: ['neutral', DASH],
  healthy: ['sealed', CHECK],
};

const CELLS: Record<CellState, [tone: Tone, shape: string]> = {
  covered: ['sealed', CHECK],
  partly: ['gap', HALF],
  blind: ['critical', CROSS],
};

export function SourceBadge({ state }: { state: SourceState }): ReactNode {
  const [tone, shape] = SOURCES[state];
  return (
    <Badge tone={tone} icon={<Shape path={shape} />}>
      {STATE_WORDS[state]}
    </Badge>
  );
}

export function CellBadge({ state }: { state: CellState }): ReactNode {
  const [tone, shape] = CELLS[state];
  return (
    <Badge tone={tone} icon={<Shape path={shape} />}>
      {state}
    </Badge>
  );
}
