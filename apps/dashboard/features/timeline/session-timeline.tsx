/** One session: its header, its filter, its timeline, and beside it the event that is opened. */
'use client';

import type { SessionItem } from '@vitrine/schema/api';
import type { ReactNode } from 'react';
import { asFailure } from '../../lib/api/client.ts';
import type { OpenedEvent } from '../../lib/opened-event.ts';
import { withTerm } from '../../lib/query/term.ts';
import { valuesIn } from '../../lib/query/values.ts';
import { ErrorState } from '../../ui/states.tsx';
import { FilterBar } from './filter-bar.tsx';
import { Grid } from './grid.tsx';
import { LoadingRows, listState, OnTheWay, UnknownSession } from './list-states.tsx';
import { ConnectionStrip, FailureStrip, NewPill } from './live-strip.tsx';
import { MarkedStrip } from './marked-strip.tsx';
import { useSession } from './queries.ts';
import { SessionHeader } from './session-header.tsx';
import { TimeStrip } from './time-strip.tsx';
import { type List, useList } from './use-list.ts';
import { type UrlState, useUrl } from './use-url.ts';
import './timeline.css';

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
      <div className="h-[59px] border-b border-line" />
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
  const list = useList(item, url);
  const { cursor } = list;
  const { opened, filter, setFilter } = url;
  return (
    <div className="flex min-h-0 flex-1">
      <ListSection session={item.session} list={list} url={url} />
      {opened === null
        ? null
        : panel({
            session: item.session,
            index: opened,
            item: list.shown,
            size: list.state.size,
            tab: url.tab,
            onTab: url.setTab,
            onTerm: (term) => setFilter({ ...filter, text: withTerm(filter.text, term) }),
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

interface ListSectionProps {
  session: string;
  list: List;
  url: UrlState;
}

function ListSection({ session, list, url }: ListSectionProps): ReactNode {
  const { timeline, state, rows, view, cursor, filtered } = list;
  const isStale = state.opening && state.items.length > 0;
  const isEmpty = rows.length > 0 && view.range.from === view.range.to;
  const onClear = (): void => url.setFilter(NO_FILTER);
  return (
    <section
      ref={list.box}
      aria-label="Timeline"
      className="timeline-list flex min-w-0 flex-1 flex-col"
    >
      <FilterBar
        filter={url.filter}
        onFilter={url.setFilter}
        input={list.input}
        valuesOf={(field) => valuesIn(state.items, field)}
        onLeave={cursor.focus}
      />
      <TimeStrip list={list} url={url} session={session} />
      <div className={`relative flex min-h-0 flex-1 flex-col ${isStale ? 'opacity-70' : ''}`}>
        <ConnectionStrip connection={state.connection} />
        <FailureStrip timeline={timeline} state={state} />
        <MarkedStrip session={session} url={url} />
        {listState({ timeline, state, filtered, onClear }) ?? (
          <Grid
            label={`Events of session ${session}`}
            state={state}
            rows={rows}
            view={view}
            rowPx={list.rowPx}
            cursor={cursor.at}
            opened={url.opened}
            evidence={list.evidence}
            marked={url.chosen}
            total={list.total}
            onRow={cursor.onRow}
            onKeyDown={cursor.onKeyDown}
          />
        )}
        {isEmpty && state.failure === undefined ? <OnTheWay /> : null}
        <NewPill fresh={state.fresh} onClick={view.toEnd} />
      </div>
    </section>
  );
}
