/** Events over time above the list: a brush, by pointer and by keys, chooses the time it shows. */
'use client';

import type { HistogramAnswer } from '@vitrine/schema/api';
import { memo, type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { clockText, dateTimeText } from '../../../lib/time.ts';
import type { TimeSpan } from '../window/timeline.ts';
import { Bars } from './bar-chart.tsx';
import { type Brush, brushOf, bucketCount, spanOfBrush } from './bars.ts';
import { BrushEnd } from './brush-end.tsx';
import type { HistogramQuery } from './use-histogram.ts';

/** Keys may follow each other: the time is asked for when they rest. */
const REST_MS = 250;

interface HistogramProps extends HistogramQuery {
  span: TimeSpan | undefined;
  onSpan(span: TimeSpan | undefined): void;
  /** Times of alerts about the session. */
  alerts: readonly string[];
}

/** Drawn again only when something of it changes: the list above which it stands scrolls. */
export const HistogramStrip = memo(function HistogramStrip(props: HistogramProps): ReactNode {
  const { answer, failure } = props;
  return (
    <section
      aria-label="Events over time"
      className="h-[58px] min-w-0 flex-1 overflow-hidden px-4 pt-1.5"
    >
      {answer === undefined || answer.events === 0 ? (
        <p className="pt-3 text-xs text-faint">
          {failure !== null ? `No histogram: ${failure.message}` : ' '}
        </p>
      ) : (
        <Plot {...props} answer={answer} />
      )}
    </section>
  );
});

type PlotProps = HistogramProps & { answer: HistogramAnswer };

function Plot({ answer, span, onSpan, alerts }: PlotProps): ReactNode {
  const count = bucketCount(answer);
  const [draft, setDraft, settle] = useDraft(answer, onSpan);
  const dragged = useDrag(count, setDraft, settle);
  const brush = draft ?? brushOf(answer, span);
  const whole = { first: 0, last: count - 1 };
  const ends = brush ?? whole;
  const shown = spanOfBrush(answer, ends);
  const move = (next: Brush): void => {
    setDraft(next);
    settle(next, REST_MS);
  };
  const clear = (): void => {
    setDraft(undefined);
    onSpan(undefined);
  };
  const label = (n: number, edge: 'from' | 'to'): string =>
    dateTimeText(spanOfBrush(answer, { first: n, last: n })[edge]);
  const place = (n: number): string => `${(n / count) * 100}%`;
  return (
    <>
      <div className="relative h-8 touch-none select-none" {...dragged}>
        <Bars answer={answer} count={count} alerts={alerts} />
        {brush === undefined ? null : (
          <div
            aria-hidden="true"
            className="absolute inset-y-0 border-x border-accent bg-accent/15"
            style={{ left: place(brush.first), width: place(brush.last - brush.first + 1) }}
          />
        )}
        <BrushEnd
          name="Start of the time"
          at={ends.first}
          last={count - 1}
          left={place(ends.first)}
          text={label(ends.first, 'from')}
          onMove={(at) => move({ first: at, last: Math.max(at, ends.last) })}
          onClear={clear}
        />
        <BrushEnd
          name="End of the time"
          at={ends.last}
          last={count - 1}
          left={place(ends.last + 1)}
          text={label(ends.last, 'to')}
          onMove={(at) => move({ first: Math.min(at, ends.first), last: at })}
          onClear={clear}
        />
      </div>
      <p className="flex h-4 items-center gap-2 text-[11px] text-faint tabular-nums">
        <span title={dateTimeText(shown.from)}>{clockText(shown.from)}</span>
        <span>–</span>
        <span title={dateTimeText(shown.to)}>{clockText(shown.to)}</span>
        <span className="truncate">{`${answer.events.toLocaleString('en')} events in all`}</span>
        {brush === undefined ? null : (
          <button type="button" className="-my-1 ml-auto h-6 text-accent underline" onClick={clear}>
            Clear the time
          </button>
        )}
      </p>
    </>
  );
}

type Settle = (brush: Brush, afterMs: number) => void;

/** The brush while it moves; what it comes to rest at becomes the time. */
function useDraft(
  answer: HistogramAnswer,
  onSpan: HistogramProps['onSpan'],
): [Brush | undefined, (brush: Brush | undefined) => void, Settle] {
  const [draft, setDraft] = useState<Brush | undefined>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const set = (brush: Brush | undefined): void => {
    clearTimeout(timer.current);
    setDraft(brush);
  };
  const settle: Settle = (brush, afterMs) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setDraft(undefined);
      onSpan(spanOfBrush(answer, brush));
    }, afterMs);
  };
  return [draft, set, settle];
}

/** Dragging over the bars, and a click on one of them. */
function useDrag(count: number, setDraft: (brush: Brush) => void, settle: Settle) {
  const began = useRef<number | undefined>(undefined);
  const at = ({ currentTarget, clientX }: PointerEvent<HTMLElement>): number => {
    const { left, width } = currentTarget.getBoundingClientRect();
    const n = Math.floor(((clientX - left) / Math.max(1, width)) * count);
    return Math.max(0, Math.min(count - 1, n));
  };
  const brushTo = (n: number): Brush => {
    const from = began.current ?? n;
    return { first: Math.min(from, n), last: Math.max(from, n) };
  };
  return {
    onPointerDown(event: PointerEvent<HTMLElement>) {
      if (event.button !== 0) return;
      began.current = at(event);
      event.currentTarget.setPointerCapture(event.pointerId);
      setDraft(brushTo(began.current));
    },
    onPointerMove(event: PointerEvent<HTMLElement>) {
      if (began.current !== undefined) setDraft(brushTo(at(event)));
    },
    onPointerUp(event: PointerEvent<HTMLElement>) {
      if (began.current === undefined) return;
      settle(brushTo(at(event)), 0);
      began.current = undefined;
    },
  };
}
