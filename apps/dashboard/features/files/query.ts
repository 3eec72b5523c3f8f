/** Files of a session as the address asks for them. */
'use client';

import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Vantage } from '@vitrine/schema/record';
import { type ApiFailure, getJson } from '../../lib/api/client.ts';
import type { Files } from '../../lib/api/view-types.ts';
import type { FILE_OPS, FILE_SORTS, MOUNT_MODES } from '../../lib/url-state.ts';

export interface FileState {
  path: string;
  op: (typeof FILE_OPS)[number] | null;
  mode: (typeof MOUNT_MODES)[number] | null;
  seen: Vantage | null;
  sort: (typeof FILE_SORTS)[number];
  order: 'asc' | 'desc';
}

const ROWS_MAX = 500;

export function useFiles(session: string, state: FileState): UseQueryResult<Files, ApiFailure> {
  const { path: q, op, mode, seen: vantage, sort, order } = state;
  const query = { q, op, mode, vantage, sort, order, limit: ROWS_MAX };
  return useQuery<Files, ApiFailure>({
    queryKey: ['files', session, query],
    queryFn: ({ signal }) =>
      getJson(`/v1/sessions/${encodeURIComponent(session)}/files`, { query, signal }),
    placeholderData: keepPreviousData,
  });
}
