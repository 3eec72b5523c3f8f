/** What left a session, by host and function. All its state is in the address. */
'use client';

import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useQueryStates } from 'nuqs';
import type { ReactNode } from 'react';
import { type ApiFailure, getJson } from '../../lib/api/client.ts';
import type { Egress } from '../../lib/api/view-types.ts';
import { egressKeys } from '../../lib/url-state.ts';
import { Button } from '../../ui/button.tsx';
import { FilterChoice, FilterText, VANTAGE_CHOICES } from '../../ui/filter-fields.tsx';
import { Shown } from '../../ui/looked.tsx';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StaleNotice } from '../../ui/stale-notice.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/states.tsx';
import { EgressList } from './egress-list.tsx';

const ROWS_MAX = 500;

export function EgressPage({ session }: { session: string }): ReactNode {
  const [{ host, seen }, setState] = useQueryStates(egressKeys, { history: 'push' });
  const query = useEgress(session, { host, vantage: seen });
  const clear = (): void => void setState({ host: '', seen: null });
  return (
    <PageBody>
      <PageHeader
        title="Egress"
        description={
          <>
            What left <SafeText text={session} />, by host and function. Proxies tell of requests
            and tunnels, the kernel of connections: they are never added up.
          </>
        }
      />
      <div className="flex flex-wrap items-center gap-2 pb-3">
        <FilterText label="Host" text={host} onText={(next) => void setState({ host: next })} />
        <FilterChoice
          label="Who saw it"
          all="whoever saw it"
          value={seen}
          choices={VANTAGE_CHOICES}
          onChoose={(next) => void setState({ seen: next })}
        />
      </div>
      <Body
        session={session}
        query={query}
        {...(host === '' && seen === null ? {} : { onClear: clear })}
      />
    </PageBody>
  );
}

type EgressQuery = UseQueryResult<Egress, ApiFailure>;

function useEgress(session: string, filter: { host: string; vantage: string | null }): EgressQuery {
  const query = { ...filter, limit: ROWS_MAX };
  return useQuery<Egress, ApiFailure>({
    queryKey: ['egress', session, query],
    queryFn: ({ signal }) =>
      getJson(`/v1/sessions/${encodeURIComponent(session)}/egress`, { query, signal }),
    placeholderData: keepPreviousData,
  });
}

interface BodyProps {
  session: string;
  query: EgressQuery;
  onClear?: () => void;
}

function Body({ session, query: { data, error, refetch }, onClear }: BodyProps): ReactNode {
  if (data === undefined) {
    if (error === null) return <LoadingState label="The egress is loading." rows={8} />;
    const title = 'The egress could not be loaded';
    return <ErrorState error={error} title={title} retry={() => void refetch()} />;
  }
  const { items, of, looked } = data;
  if (items.length === 0) {
    return onClear === undefined ? (
      <EmptyState title="Nobody saw anything leave this session">
        <p>
          An egress proxy tells of requests, and an observer of the kernel of connections. Where
          none is connected, something may have left unseen: look at the sources.
        </p>
      </EmptyState>
    ) : (
      <EmptyState title="Nothing left like that">
        <Button onClick={onClear}>Show everything that left</Button>
      </EmptyState>
    );
  }
  return (
    <>
      {error === null ? null : <StaleNotice error={error} retry={() => void refetch()} />}
      <Shown shown={items.length} of={of} what="hosts and functions" looked={looked} />
      <EgressList session={session} items={items} />
    </>
  );
}
