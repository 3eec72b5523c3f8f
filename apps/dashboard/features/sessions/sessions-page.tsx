/** The sessions, newest first. */
'use client';

import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { CommandLine } from '../../ui/command-line.tsx';
import { BoxIcon } from '../../ui/icons.tsx';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';
import { StaleNotice } from '../../ui/stale-notice.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { type SessionsQuery, useSessions } from './query.ts';
import { SessionList, SessionListSkeleton } from './session-list.tsx';

export function SessionsPage(): ReactNode {
  const query = useSessions();
  return (
    <PageBody>
      <PageHeader
        title="Sessions"
        description={
          'Each is one life of one sandbox, newest first. ' + 'Open one to see what happened in it.'
        }
      />
      {query.data !== undefined && query.error !== null && query.error.status !== 401 ? (
        <StaleNotice error={query.error} retry={() => query.refetch()} />
      ) : null}
      <div className="overflow-hidden rounded-lg border border-line bg-surface">
        <Content query={query} />
      </div>
      <More query={query} />
    </PageBody>
  );
}

function Content({ query }: { query: SessionsQuery }): ReactNode {
  const { data, error } = query;
  if (error?.status === 401 || (data === undefined && error !== null)) {
    return (
      <ErrorState
        error={error}
        title="The sessions could not be loaded"
        retry={() => query.refetch()}
      />
    );
  }
  if (data === undefined) return <SessionListSkeleton />;
  const items = data.pages.flatMap((page) => page.items);
  if (items.length > 0) return <SessionList items={items} />;
  return (
    <EmptyState title="No session yet" icon={<BoxIcon className="size-8" />}>
      <p>
        A session appears here as soon as a sandbox opens. Run any command in one, or act out an
        incident with its alert:
      </p>
      <CommandLine command="npx --no vitrine run -- bash" />
      <CommandLine command="npm run demo" />
    </EmptyState>
  );
}

function More({ query }: { query: SessionsQuery }): ReactNode {
  if (!query.hasNextPage) return null;
  return (
    <div className="flex justify-center pt-4">
      <Button
        onClick={() => query.fetchNextPage()}
        disabledReason={query.isFetchingNextPage ? 'Older sessions are loading' : undefined}
      >
        {query.isFetchingNextPage ? 'Loading …' : 'Older sessions'}
      </Button>
    </div>
  );
}
