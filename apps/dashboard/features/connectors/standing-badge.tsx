/** How a connector stands, as a shape, a word and a colour that say the same. */
import type { ConnectorItem } from '@vitrine/schema/api';
import type { ReactNode } from 'react';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { BARS, CHECK, CROSS, DASH, Shape } from '../../ui/shape.tsx';
import { STANDING_WORDS, type Standing, standingOf } from './words.ts';

const TURN = 'M9.6 4.4A4 4 0 1 0 10 6.6M9.8 2v2.6H7.2';

const LOOKS: Record<Standing, [tone: Tone, shape: string]> = {
  running: ['sealed', CHECK],
  retrying: ['gap', TURN],
  paused: ['critical', CROSS],
  held: ['high', BARS],
  stopped: ['neutral', DASH],
};

export function StandingBadge({ connector }: { connector: ConnectorItem }): ReactNode {
  const standing = standingOf(connector);
  const [tone, shape] = LOOKS[standing];
  return (
    <Badge tone={tone} icon={<Shape path={shape} />}>
      {STANDING_WORDS[standing]}
    </Badge>
  );
}
