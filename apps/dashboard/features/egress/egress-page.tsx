/** What left a session, by host and function. All its state is in the address. */
'use client';

import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { EgressAnswer } from '@vitrine/schema/api';
import { useQueryStates } from 'nuqs';
import type { ReactNode } from 'react';
import { type ApiFailure, getJson } from '../../lib/api/client.ts';
import { paths } from '../../lib/paths.ts';
import { egressKeys } from '../../lib/url-state.ts';
import { Box } from '../../ui/box.tsx';
import { Button, ButtonLink } from '../../ui/button.tsx';
import { FilterChoice, Filters, FilterText, VANTAGE_CHOICES } from '../../ui/filter-fields.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Shown } from '../../ui/looked.tsx';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { EmptyState } from '../../ui/states.tsx';
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
      <Filters>
        <FilterText label="Host" text={host} onText={(next) => void setState({ host: next })} />
        <FilterChoice
          label="Who saw it"
          all="whoever saw it"
          value={seen}
          choices={VANTAGE_CHOICES}
          onChoose={(next) => void setState({ seen: next })}
        />
      </Filters>
      <Body
        session={session}
        query={query}
        {...(host === '' && seen === null ? {} : { onClear: clear })}
      />
    </PageBody>
  );
}

type EgressQuery = UseQueryResult<EgressAnswer, ApiFailure>;

function useEgress(session: string, filter: { host: string; vantage: string | null }): EgressQuery {
  const query = { ...filter, limit: ROWS_MAX };
  return useQuery<EgressAnswer, ApiFailure>({
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

function Body({ session, query, onClear }: BodyProps): ReactNode {
  return (
    <Loaded query={query} what="egress" is>
      {({ items, of, looked }) =>
        items.length === 0 ? (
          <NoEgress session={session} onClear={onClear} />
        ) : (
          <>
            <Shown shown={items.length} of={of} what="hosts and functions" looked={looked} />
            <EgressList session={session} items={items} />
          </>
        )
      }
    </Loaded>
  );
}

interface NoEgressProps {
  session: string;
  onClear: (() => void) | undefined;
}

function NoEgress({ session, onClear }: NoEgressProps): ReactNode {
  return (
    <Box>
      {onClear === undefined ? (
        <EmptyState title="Nobody saw anything leave this session">
          <p>
            An egress proxy tells of requests, and an observer of the kernel of connections. Where
            none is connected, something may have left unseen.
          </p>
          <ButtonLink href={paths.sources(session)}>Its sources</ButtonLink>
        </EmptyState>
      ) : (
        <EmptyState title="No host matches">
          <p>Nothing left with these choices.</p>
          <Button onClick={onClear}>Show everything that left</Button>
        </EmptyState>
      )}
    </Box>
  );
}
