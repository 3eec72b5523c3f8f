/** Approvals of all sessions or of one, as the address asks for them. */
'use client';

import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { ApprovalsAnswer, SessionItem } from '@vitrine/schema/api';
import { type ApiFailure, getJson } from '../../lib/api/client.ts';
import type { APPROVAL_SPANS } from '../../lib/url-state.ts';

export interface ApprovalState {
  user: string;
  tool: string;
  since: (typeof APPROVAL_SPANS)[number] | null;
}

export type ApprovalsQuery = UseQueryResult<ApprovalsAnswer, ApiFailure>;

const MS_PER_HOUR = 3_600_000;
const HOURS = { '24h': 24, '7d': 168, '30d': 720 };
const RENEW_MS = 30_000;

export function useApprovals(session: string | undefined, state: ApprovalState): ApprovalsQuery {
  const { user, tool, since } = state;
  return useQuery<ApprovalsAnswer, ApiFailure>({
    queryKey: ['approvals', session ?? '', state],
    queryFn: ({ signal }) => {
      const query = { session, user, tool, since: since === null ? undefined : before(since) };
      return getJson('/v1/stats/approvals', { query, signal });
    },
    placeholderData: keepPreviousData,
    refetchInterval: RENEW_MS,
  });
}

function before(since: keyof typeof HOURS): string {
  return `${Date.now() - HOURS[since] * MS_PER_HOUR}000000`;
}

/** The session, for what its sources told; of all sessions nothing is asked. */
export function useSession(session: string | undefined): UseQueryResult<SessionItem, ApiFailure> {
  return useQuery<SessionItem, ApiFailure>({
    queryKey: ['session', session],
    enabled: session !== undefined,
    queryFn: ({ signal }) => getJson(`/v1/sessions/${encodeURIComponent(session!)}`, { signal }),
  });
}
