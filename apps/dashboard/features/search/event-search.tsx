/** What a text finds as a query: events of all sessions, and how far the search has come. */
'use client';

import type { ReactNode } from 'react';
import { faultOf } from '../../lib/query/fault.ts';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/panel.tsx';
import { QueryFault } from '../../ui/query-fault.tsx';
import { ErrorState, LoadingState } from '../../ui/states.tsx';
import { EventHits } from './event-hits.tsx';
import type { EventSearch } from './use-events.ts';

export function EventSearchPanel({ q, search }: { q: string; search: EventSearch }): ReactNode {
  const fault = faultOf(q);
  if (fault !== undefined) {
    return (
      <Panel title="Not a query for events">
        <QueryFault id="search-fault" query={q} fault={fault} />
      </Panel>
    );
  }
  return (
    <Panel flush title="Events" className="overflow-hidden">
      <Content search={search} />
    </Panel>
  );
}

function Content({ search }: { search: EventSearch }): ReactNode {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = search;
  if (data === undefined) {
    if (error === null) return <LoadingState label="Looking through the events" rows={3} />;
    const retry = (): void => void refetch();
    return <ErrorState error={error} title="The events could not be searched" retry={retry} />;
  }
  const items = data.pages.flatMap((page) => page.items);
  const isPartial = data.pages.at(-1)?.partial === true;
  return (
    <>
      {items.length > 0 ? <EventHits items={items} /> : null}
      <div role="status" className="flex items-center gap-3 px-4 py-2.5 text-xs text-muted">
        <span>{saidOf(items.length, hasNextPage, isPartial)}</span>
        {hasNextPage ? (
          <Button
            look="quiet"
            className="h-8 px-2 text-xs"
            aria-disabled={isFetchingNextPage}
            onClick={() => {
              if (!isFetchingNextPage) void fetchNextPage();
            }}
          >
            {isFetchingNextPage ? 'Searching …' : 'Search further'}
          </Button>
        ) : null}
        {error === null ? null : <span className="text-broken">{error.message}</span>}
      </div>
    </>
  );
}

function saidOf(count: number, more: boolean, partial: boolean): string {
  const found = count === 0 ? 'No event so far' : `${count} events`;
  if (partial) return `${found}; the search stopped before the oldest, for it took long.`;
  if (more) return `The newest ${count} events; there may be more.`;
  return count === 0 ? 'No event is found by it as a query.' : `${found}, which are all.`;
}
