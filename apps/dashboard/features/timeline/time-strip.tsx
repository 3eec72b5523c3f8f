/** Above the list: how its events lie in time, and the session played as it went. */
'use client';

import { type ReactNode, useCallback } from 'react';
import { HistogramStrip } from './histogram/histogram.tsx';
import { useHistogram } from './histogram/use-histogram.ts';
import { ReplayControl } from './replay/replay-control.tsx';
import { useReplay } from './replay/use-replay.ts';
import type { List } from './use-list.ts';
import type { UrlState } from './use-url.ts';
import type { TimeSpan } from './window/timeline.ts';

interface TimeStripProps {
  session: string;
  list: List;
  url: UrlState;
}

export function TimeStrip({ session, list, url }: TimeStripProps): ReactNode {
  const { filter, setFilter } = url;
  const histogram = useHistogram(session, filter, list.live);
  const replay = useReplay(list);
  const onSpan = useCallback(
    (span: TimeSpan | undefined) => {
      const { kinds, vantages, text } = filter;
      setFilter({ kinds, vantages, text, ...(span === undefined ? {} : { span }) });
    },
    [filter, setFilter],
  );
  return (
    <div className="flex shrink-0 border-b border-line">
      <HistogramStrip
        answer={histogram.answer}
        failure={histogram.failure}
        span={filter.span}
        onSpan={onSpan}
        alerts={list.alertTimes}
      />
      <ReplayControl replay={replay} />
    </div>
  );
}
