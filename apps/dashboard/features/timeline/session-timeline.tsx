/** One session: its header, its filter, its timeline, and beside it the event that is opened. */
'use client';

import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { asFailure } from '../../lib/api/client.ts';
import type { EventItem, SessionItem } from '../../lib/api/types.ts';
import type { EventTab } from '../../lib/url-state.ts';
import { ErrorState } from '../../ui/states.tsx';
import { FilterBar } from './filter-bar.tsx';
import { Grid } from './grid.tsx';
import { LoadingRows, listState, OnTheWay, UnknownSession } from './list-states.tsx';
import { ConnectionStrip, FailureStrip, NewPill } from './live-strip.tsx';
import { useEvidence, useSession } from './queries.ts';
import { SessionHeader } from './session-header.tsx';
import { useCanvas } from './use-canvas.ts';
import { useCursor } from './use-cursor.ts';
import { useRowPx } from './use-row-px.ts';
import { useRows } from './use-rows.ts';
import { useTimeline } from './use-timeline.ts';
import { type UrlState, useUrl } from './use-url.ts';
import type { Place } from './window/window.ts';
import './timeline.css';

/** The event that is opened, for whoever shows it. */
interface OpenedEvent {
  session: string;
  /** Leaf index. */
  index: number;
  /** As the list has it; absent when the list does not hold it. */
  item: EventItem | undefined;
  /** Published size of the log. */
  size: number;
  tab: EventTab;
  onTab(tab: EventTab): void;
  onClose(): void;
  /** Absent where the list ends. */
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
}

interface SessionTimelineProps {
  session: string;
  panel(opened: OpenedEvent): ReactNode;
}

const NO_FILTER = { kinds: [], vantages: [], text: '' };

export function SessionTimeline({ session, panel }: SessionTimelineProps): ReactNode {
  const { data, error, refetch } = useSession(session);
  const url = useUrl();
  if (data !== undefined) {
    return (
      <div data-fills-page="" className="flex h-full flex-col">
        <SessionHeader item={data} />
        <TimelineAndPanel item={data} url={url} panel={panel} />
      </div>
    );
  }
  if (error !== null) {
    if (asFailure(error).status === 404) return <UnknownSession session={session} />;
    const title = 'The session could not be loaded';
    return <ErrorState error={error} title={title} retry={() => void refetch()} />;
  }
  return (
    <div data-fills-page="" className="flex h-full flex-col">
      <div className="h-[81px] border-b border-line" />
      <div className="h-[49px] border-b border-line" />
      <LoadingRows label="Loading the session" />
    </div>
  );
}

interface TimelineAndPanelProps {
  item: SessionItem;
  url: UrlState;
  panel: SessionTimelineProps['panel'];
}

function TimelineAndPanel({ item, url, panel }: TimelineAndPanelProps): ReactNode {
  const { session, events, alerts } = item;
  const { filter, opened } = url;
  // What is open when the page opens may close meanwhile: the tail then tells its last records.
  const [live] = useState(item.state === 'open');
  const placeOf = useCallback((): Place => placeFor(opened, live), [opened, live]);
  const [timeline, state] = useTimeline(session, filter, live, placeOf);
  const evidence = useEvidence(session, alerts);
  const filtered = filter.kinds.length > 0 || filter.vantages.length > 0 || filter.text !== '';
  const total = filtered ? undefined : Math.max(events, state.items.length);
  const { rows, toggle } = useRows(state.items, filter, evidence, opened);
  const rowPx = useRowPx();
  const view = useCanvas(timeline, state, rows, rowPx, total);
  const input = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const onFilter = useCallback(() => input.current?.focus(), []);
  const cursor = useCursor({
    rows,
    toggle,
    timeline,
    state,
    view,
    opened,
    onOpen: url.open,
    onFilter,
    box,
  });
  const shown = useMemo(
    () => state.items.find(({ index }) => index === opened),
    [state.items, opened],
  );
  useOpenedInSight(timeline, opened, shown !== undefined, filtered);
  const isStale = state.opening && state.items.length > 0;
  const isEmpty = rows.length > 0 && view.range.from === view.range.to;
  const missing = listState({
    timeline,
    state,
    filtered,
    onClear: () => url.setFilter(NO_FILTER),
  });
  return (
    <div className="flex min-h-0 flex-1">
      <section
        ref={box}
        aria-label="Timeline"
        className="timeline-list flex min-w-0 flex-1 flex-col"
      >
        <FilterBar filter={filter} onFilter={url.setFilter} input={input} onLeave={cursor.focus} />
        <div className={`relative flex min-h-0 flex-1 flex-col ${isStale ? 'opacity-70' : ''}`}>
          <ConnectionStrip connection={state.connection} />
          <FailureStrip timeline={timeline} state={state} />
          {missing ?? (
            <Grid
              label={`Events of session ${session}`}
              state={state}
              rows={rows}
              view={view}
              rowPx={rowPx}
              cursor={cursor.at}
              opened={opened}
              evidence={evidence}
              total={total}
              onRow={cursor.onRow}
              onKeyDown={cursor.onKeyDown}
            />
          )}
          {isEmpty && state.failure === undefined ? <OnTheWay /> : null}
          <NewPill fresh={state.fresh} onClick={view.toEnd} />
        </div>
      </section>
      {opened === null
        ? null
        : panel({
            session,
            index: opened,
            item: shown,
            size: state.size,
            tab: url.tab,
            onTab: url.setTab,
            onClose() {
              url.open(null);
              cursor.focus();
            },
            onPrevious: cursor.canStep(-1) ? () => cursor.step(-1) : undefined,
            onNext: cursor.canStep(1) ? () => cursor.step(1) : undefined,
          })}
    </div>
  );
}

/** A link leads to its event; else an open session shows its newest, a closed one its first. */
function placeFor(opened: number | null, live: boolean): Place {
  if (opened !== null) return { at: 'index', index: opened };
  return live ? { at: 'end' } : { at: 'start' };
}

/** Back and forward may lead to an event that is not loaded. A filter may hide it for good. */
function useOpenedInSight(
  timeline: ReturnType<typeof useTimeline>[0],
  opened: number | null,
  isLoaded: boolean,
  filtered: boolean,
): void {
  const before = useRef(opened);
  useEffect(() => {
    const changed = before.current !== opened;
    before.current = opened;
    if (!changed || opened === null || isLoaded || filtered) return;
    void timeline.open({ at: 'index', index: opened });
  }, [timeline, opened, isLoaded, filtered]);
}
