/** Who is heard from each sandbox, and what that lets one see. All its state is in the address. */
'use client';

import type { SourceState } from '@vitrine/schema/api';
import { useQueryStates } from 'nuqs';
import { type ReactNode, Suspense } from 'react';
import { sourceKeys } from '../../lib/url-state.ts';
import { Box } from '../../ui/box.tsx';
import { Button } from '../../ui/button.tsx';
import { CommandLine } from '../../ui/command-line.tsx';
import { BoxIcon } from '../../ui/icons.tsx';
import { MoreButton } from '../../ui/more-button.tsx';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';
import { StaleNotice } from '../../ui/stale-notice.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/states.tsx';
import { CoveragePanel } from './coverage-panel.tsx';
import { type SourcesQuery, useCoverage, useSources } from './query.ts';
import { SourceFilters } from './source-filters.tsx';
import { SourceList } from './source-list.tsx';

export function SourcesPage(): ReactNode {
  return (
    <PageBody>
      <PageHeader
        title="Sources"
        description={
          'Who should be heard from each open sandbox, who is, and what that lets one see. ' +
          'A source that falls silent is a finding.'
        }
      />
      <Suspense fallback={<LoadingState label="The sources are loading." />}>
        <Sources />
      </Suspense>
    </PageBody>
  );
}

function Sources(): ReactNode {
  const [{ session, state, cell }, setState] = useQueryStates(sourceKeys, { history: 'push' });
  const query = useSources(session);
  const coverage = useCoverage(session);
  const { data, error } = query;
  if (error?.status === 401 || (data === undefined && error !== null)) {
    return (
      <Box>
        <ErrorState
          error={error}
          title="The sources could not be loaded"
          retry={() => query.refetch()}
        />
      </Box>
    );
  }
  const stale = error ?? (coverage.data === undefined ? null : coverage.error);
  return (
    <>
      {data !== undefined && stale !== null ? (
        <StaleNotice
          error={stale}
          retry={() => Promise.all([query.refetch(), coverage.refetch()])}
        />
      ) : null}
      <CoveragePanel
        coverage={coverage.data}
        error={coverage.error}
        retry={() => coverage.refetch()}
        cell={cell}
        onCell={(next) => void setState({ cell: next })}
      />
      {coverage.data === undefined && coverage.error === null ? null : (
        // Behind the coverage, whose height is known only then: nothing moves under the eyes.
        <>
          <SourceFilters
            state={state}
            session={session}
            onState={(next) => void setState({ state: next })}
            onAllSessions={() => void setState({ session: null })}
          />
          <Box>
            <List query={query} state={state} onReset={() => void setState({ state: null })} />
          </Box>
          <MoreButton query={query} what="More sessions" />
        </>
      )}
    </>
  );
}

interface ListProps {
  query: SourcesQuery;
  state: SourceState[];
  onReset: () => void;
}

function List({ query: { data }, state, onReset }: ListProps): ReactNode {
  if (data === undefined) return <LoadingState label="The sources are loading." />;
  const items = data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <EmptyState title="No session is open" icon={<BoxIcon className="size-8" />}>
        <p>The sources of a sandbox appear here as soon as it opens. This opens one:</p>
        <CommandLine command="npx --no vitrine run -- bash" />
      </EmptyState>
    );
  }
  const narrowed = items
    .map((item) => ({
      ...item,
      sources: item.sources.filter((one) => state.length === 0 || state.includes(one.state)),
    }))
    .filter(({ sources }) => sources.length > 0);
  if (narrowed.length > 0) return <SourceList items={narrowed} />;
  return (
    <EmptyState title="No source matches">
      <p>
        {state.length === 0
          ? 'Nothing was heard yet, and nothing was announced.'
          : 'There is none in these states.'}
      </p>
      {state.length === 0 ? null : <Button onClick={onReset}>Show all sources</Button>}
    </EmptyState>
  );
}
