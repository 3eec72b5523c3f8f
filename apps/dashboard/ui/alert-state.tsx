/** Where an alert or an incident stands: a shape and a word. */
import type { ReactNode } from 'react';
import { Badge, type Tone } from './badge.tsx';
import { Shape } from './shape.tsx';

const LOOKS: Record<string, [tone: Tone, shape: string]> = {
  open: ['accent', 'M6 1.6a4.4 4.4 0 1 0 0 8.8 4.4 4.4 0 0 0 0-8.8Z'],
  acknowledged: ['pending', 'M6 1.6a4.4 4.4 0 1 0 0 8.8 4.4 4.4 0 0 0 0-8.8ZM6 3.6V6l1.8 1.2'],
  closed: ['neutral', 'm2 6.4 2.7 2.7L10 3.4'],
};

export function AlertStateBadge({ state }: { state: string }): ReactNode {
  const [tone, shape] = LOOKS[state] ?? ['neutral', ''];
  return (
    <Badge tone={tone} icon={<Shape path={shape} />}>
      {state}
    </Badge>
  );
}
