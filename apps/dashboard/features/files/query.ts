/** Files of a session as the address asks for them. */
'use client';

import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { FileOp, FileSort, FilesAnswer, MountMode } from '@vitrine/schema/api';
import type { Vantage } from '@vitrine/schema/record';
import { type ApiFailure, getJson } from '../../lib/api/client.ts';

export interface FileState {
  path: string;
  op: FileOp | null;
  mode: MountMode | null;
  seen: Vantage | null;
  sort: FileSort;
  order: 'asc' | 'desc';
}

const ROWS_MAX = 500;

export function useFiles(
  session: string,
  state: FileState,
): UseQueryResult<FilesAnswer, ApiFailure> {
  const { path: q, op, mode, seen: vantage, sort, order } = state;
  const query = { q, op, mode, vantage, sort, order, limit: ROWS_MAX };
  return useQuery<FilesAnswer, ApiFailure>({
    queryKey: ['files', session, query],
    queryFn: ({ signal }) =>
      getJson(`/v1/sessions/${encodeURIComponent(session)}/files`, { query, signal }),
    placeholderData: keepPreviousData,
  });
}
