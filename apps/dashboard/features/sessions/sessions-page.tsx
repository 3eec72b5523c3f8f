/** The sessions, newest first. */
'use client';

import type { ReactNode } from 'react';
import { Box } from '../../ui/box.tsx';
import { CommandLine } from '../../ui/command-line.tsx';
import { BoxIcon } from '../../ui/icons.tsx';
import { MoreButton } from '../../ui/more-button.tsx';
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
          'Each is one life of one sandbox, newest first. Open one to see what happened in it.'
        }
      />
      {query.data !== undefined && query.error !== null && query.error.status !== 401 ? (
        <StaleNotice error={query.error} retry={() => query.refetch()} />
      ) : null}
      <Box>
        <Content query={query} />
      </Box>
      <MoreButton query={query} what="Older sessions" />
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
