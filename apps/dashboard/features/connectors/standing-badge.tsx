/** How a connector stands, as a shape, a word and a colour that say the same. */
import type { ReactNode } from 'react';
import type { ConnectorItem } from '../../lib/api/connector-types.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Shape } from '../../ui/shape.tsx';
import { STANDING_WORDS, type Standing, standingOf } from './words.ts';

const CHECK = 'M2 6.4 4.8 9 10 3.4';
const CROSS = 'M2.8 2.8l6.4 6.4M9.2 2.8 2.8 9.2';
const BARS = 'M4 2.5v7M8 2.5v7';
const TURN = 'M9.6 4.4A4 4 0 1 0 10 6.6M9.8 2v2.6H7.2';
const DASH = 'M2.5 6h7';

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
