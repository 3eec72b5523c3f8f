/** The bars themselves, and a mark where an alert was raised. Nothing in them takes the focus. */
import type { HistogramAnswer } from '@vitrine/schema/api';
import { type ReactNode, useMemo } from 'react';
import { BAR_GROUPS, barsOf, bucketAt } from './bars.ts';

const HEIGHT = 32;
const MARK = 4;
/** From the darkest to the lightest, in the order of `BAR_GROUPS`. */
const FILLS = ['fill-accent', 'fill-accent/70', 'fill-accent/45', 'fill-muted/60', 'fill-faint/35'];

interface BarsProps {
  answer: HistogramAnswer;
  count: number;
  alerts: readonly string[];
}

export function Bars({ answer, count, alerts }: BarsProps): ReactNode {
  const bars = useMemo(() => barsOf(answer), [answer]);
  const marks = useMemo(
    () => [...new Set(alerts.map((t) => bucketAt(answer, t)))],
    [answer, alerts],
  );
  const most = Math.max(0, ...bars.map(({ events }) => events));
  const alerted = marks.length === 0 ? '' : `, alerts in ${marks.length} of the bars`;
  return (
    <svg
      role="img"
      aria-label={`${bars.length} bars, up to ${most} events in one${alerted}`}
      viewBox={`0 0 ${count} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="absolute inset-0 size-full"
    >
      {bars.map(({ n, parts }) => {
        let top = HEIGHT;
        return parts.map(({ group, height }) => {
          const tall = Math.max(0.5, height * (HEIGHT - MARK));
          top -= tall;
          const fill = FILLS[BAR_GROUPS.indexOf(group)]!;
          return (
            <rect key={`${n}${group}`} x={n} y={top} width={0.9} height={tall} className={fill}>
              <title>{group}</title>
            </rect>
          );
        });
      })}
      {marks.map((n) => (
        <rect key={n} x={n} y={0} width={0.9} height={MARK} className="fill-high">
          <title>alert</title>
        </rect>
      ))}
    </svg>
  );
}
