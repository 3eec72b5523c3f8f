/** Alerts by the session they are about, the newest first. */
'use client';

import { ALERT_STATES } from '@vitrine/schema/record';
import { useQueryStates } from 'nuqs';
import { type ReactNode, Suspense, useState } from 'react';
import { SEVERITIES } from '../../lib/severity.ts';
import { incidentKeys } from '../../lib/url-state.ts';
import { stepRow, useKeys } from '../../lib/use-keys.ts';
import { Button } from '../../ui/button.tsx';
import { Choices } from '../../ui/choices.tsx';
import { ShieldIcon } from '../../ui/icons.tsx';
import { InboxViews } from '../../ui/inbox-views.tsx';
import { KeySheet, KeysButton } from '../../ui/key-sheet.tsx';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/states.tsx';
import { IncidentRow } from './incident-row.tsx';
import { type IncidentFilter, type IncidentsQuery, useIncidents } from './query.ts';

export function IncidentsPage(): ReactNode {
  return (
    <PageBody>
      <PageHeader
        title="Incidents"
        description="The alerts about one session, taken together. Each reads as a story."
        actions={<InboxViews view="incidents" />}
      />
      <Suspense fallback={<LoadingState label="The incidents are loading." />}>
        <Incidents />
      </Suspense>
    </PageBody>
  );
}

function Incidents(): ReactNode {
  const [filter, setFilter] = useQueryStates(incidentKeys, { history: 'push' });
  const [showsKeys, setShowsKeys] = useState(false);
  const query = useIncidents(filter);
  useKeys({ j: () => stepRow(1), k: () => stepRow(-1), '?': () => setShowsKeys(true) });
  return (
    <>
      <search className="flex flex-wrap items-center gap-2 pb-3">
        <Choices
          name="State"
          words={ALERT_STATES}
          chosen={filter.state}
          onChange={(state) => void setFilter({ state })}
        />
        <span aria-hidden="true" className="h-4 border-l border-line max-sm:hidden" />
        <Choices
          name="Severity"
          words={SEVERITIES}
          chosen={filter.severity}
          onChange={(severity) => void setFilter({ severity })}
        />
        <span className="ml-auto">
          <KeysButton onOpen={() => setShowsKeys(true)} />
        </span>
      </search>
      <div className="overflow-hidden rounded-lg border border-line bg-surface">
        <List query={query} filter={filter} onReset={() => void setFilter(null)} />
      </div>
      <More query={query} />
      {showsKeys ? <KeySheet keys={KEYS} onClose={() => setShowsKeys(false)} /> : null}
    </>
  );
}

const KEYS = [
  ['j', 'next incident'],
  ['k', 'previous incident'],
  ['Enter', 'read its story'],
  ['/', 'search'],
  ['?', 'these keys'],
] as const;

interface ListProps {
  query: IncidentsQuery;
  filter: IncidentFilter;
  onReset: () => void;
}

function List({ query, filter, onReset }: ListProps): ReactNode {
  const { data, error } = query;
  if (error?.status === 401 || (data === undefined && error !== null)) {
    return (
      <ErrorState
        error={error}
        title="The incidents could not be loaded"
        retry={() => query.refetch()}
      />
    );
  }
  if (data === undefined) return <LoadingState label="The incidents are loading." />;
  const items = data.pages.flatMap((page) => page.items);
  if (items.length > 0) {
    return (
      <ul aria-label="Incidents">
        {items.map((item) => (
          <IncidentRow key={item.session} item={item} />
        ))}
      </ul>
    );
  }
  if (filter.severity.length + filter.state.length > 0) {
    return (
      <EmptyState title="No incident matches">
        <p>There is none with these choices.</p>
        <Button onClick={onReset}>Show all incidents</Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No incidents" icon={<ShieldIcon className="size-8" />}>
      <p>An incident begins with the first alert about a session. There is none.</p>
    </EmptyState>
  );
}

function More({ query }: { query: IncidentsQuery }): ReactNode {
  if (!query.hasNextPage) return null;
  return (
    <div className="flex justify-center pt-4">
      <Button
        onClick={() => query.fetchNextPage()}
        disabledReason={query.isFetchingNextPage ? 'Older incidents are loading' : undefined}
      >
        {query.isFetchingNextPage ? 'Loading …' : 'Older incidents'}
      </Button>
    </div>
  );
}
