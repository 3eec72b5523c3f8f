/** Alerts by the session they are about, the newest first. */
'use client';

import { ALERT_STATES } from '@vitrine/schema/record';
import { useQueryStates } from 'nuqs';
import { type ReactNode, Suspense, useState } from 'react';
import { SEVERITIES } from '../../lib/severity.ts';
import { incidentKeys } from '../../lib/url-state.ts';
import { stepRow, useKeys } from '../../lib/use-keys.ts';
import { Box } from '../../ui/box.tsx';
import { Button } from '../../ui/button.tsx';
import { Choices } from '../../ui/choices.tsx';
import { FilterGap, Filters } from '../../ui/filter-fields.tsx';
import { ShieldIcon } from '../../ui/icons.tsx';
import { InboxViews } from '../../ui/inbox-views.tsx';
import { KeySheet, KeysButton } from '../../ui/key-sheet.tsx';
import { MoreButton } from '../../ui/more-button.tsx';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';
import { StaleNotice } from '../../ui/stale-notice.tsx';
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
      <div className="flex items-start justify-between gap-2">
        <Filters>
          <Choices
            name="State"
            words={ALERT_STATES}
            chosen={filter.state}
            onChange={(state) => void setFilter({ state })}
          />
          <FilterGap />
          <Choices
            name="Severity"
            words={SEVERITIES}
            chosen={filter.severity}
            onChange={(severity) => void setFilter({ severity })}
          />
        </Filters>
        <KeysButton onOpen={() => setShowsKeys(true)} />
      </div>
      {query.data !== undefined && query.error !== null && query.error.status !== 401 ? (
        <StaleNotice error={query.error} retry={() => query.refetch()} />
      ) : null}
      <Box>
        <List query={query} filter={filter} onReset={() => void setFilter(null)} />
      </Box>
      <MoreButton query={query} what="Older incidents" />
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
