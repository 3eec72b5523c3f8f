/** How grave an alert is: a shape, a word and a colour that say the same. */
import type { ReactNode } from 'react';
import type { Severity } from '../lib/severity.ts';
import { Badge } from './badge.tsx';
import { Shape } from './shape.tsx';

const SHAPES: Record<Severity, string> = {
  critical: 'M3.8.8h4.4l3 3v4.4l-3 3H3.8l-3-3V3.8l3-3ZM6 3v3.6M6 8.4v.2',
  high: 'M6 1 11.2 10.4H.8L6 1Zm0 3.4v2.8M6 8.6v.2',
  medium: 'M6 .8 11.2 6 6 11.2.8 6 6 .8Z',
  low: 'm1.5 4 4.5 4.5L10.5 4',
  informational: 'M6 5.4v3.2M6 3.2v.2M11 6A5 5 0 1 1 1 6a5 5 0 0 1 10 0Z',
};

export function SeverityBadge({ severity }: { severity: Severity }): ReactNode {
  return (
    <Badge tone={severity} icon={<Shape path={SHAPES[severity]} />}>
      {severity}
    </Badge>
  );
}
