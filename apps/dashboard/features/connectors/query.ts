/** Connectors, one of them, and its dead letters; asked for again while one looks. */
'use client';

import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  ConnectorAnswer,
  ConnectorsAnswer,
  DeadLetter,
  DeadLettersAnswer,
} from '@vitrine/schema/api';
import { type ApiFailure, getJson } from '../../lib/api/client.ts';

/** The figures are in memory over there, and cheap. */
const RENEW_MS = 3_000;

export function useConnectors(): UseQueryResult<ConnectorsAnswer, ApiFailure> {
  return useQuery<ConnectorsAnswer, ApiFailure>({
    queryKey: ['connectors'],
    queryFn: ({ signal }) => getJson('/v1/connectors', { signal }),
    refetchInterval: RENEW_MS,
  });
}

export function useConnector(name: string): UseQueryResult<ConnectorAnswer, ApiFailure> {
  return useQuery<ConnectorAnswer, ApiFailure>({
    queryKey: ['connectors', name],
    queryFn: ({ signal }) => getJson(`/v1/connectors/${encodeURIComponent(name)}`, { signal }),
    refetchInterval: RENEW_MS,
  });
}

export function useDeadLetters(name: string): UseQueryResult<DeadLetter[], ApiFailure> {
  return useQuery<DeadLetter[], ApiFailure>({
    queryKey: ['connectors', name, 'dead-letters'],
    queryFn: async ({ signal }) => {
      const path = `/v1/connectors/${encodeURIComponent(name)}/dead-letters`;
      return (await getJson<DeadLettersAnswer>(path, { signal })).items;
    },
    refetchInterval: RENEW_MS,
  });
}

/** Asks for all of it again, after something was done. */
export function useRenewConnectors(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['connectors'] });
}
