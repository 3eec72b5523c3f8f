/** What a query brought; while it comes, or where it did not, what stands in its place. */
'use client';

import type { ReactNode } from 'react';
import type { ApiFailure } from '../lib/api/client.ts';
import { Box } from './box.tsx';
import { StaleNotice } from './stale-notice.tsx';
import { ErrorState, LoadingState } from './states.tsx';

interface LoadedProps<T> {
  query: { data: T | undefined; error: ApiFailure | null; refetch: () => unknown };
  /** As it stands in `The … could not be loaded`. */
  what: string;
  /** Of what is one: `The alert is loading`. */
  is?: boolean;
  /** Grey lines while it comes. */
  rows?: number;
  children: (data: T) => ReactNode;
}

/** Old data that could not be renewed stays in sight, and is said to be old. */
export function Loaded<T>(props: LoadedProps<T>): ReactNode {
  const { query, what, is = false, rows = 8, children } = props;
  const { data, error } = query;
  const retry = (): void => void query.refetch();
  if (error !== null && (data === undefined || error.status === 401)) {
    return (
      <Box>
        <ErrorState error={error} title={`The ${what} could not be loaded`} retry={retry} />
      </Box>
    );
  }
  if (data === undefined) {
    return (
      <Box>
        <LoadingState label={`The ${what} ${is ? 'is' : 'are'} loading.`} rows={rows} />
      </Box>
    );
  }
  return (
    <>
      {error === null ? null : <StaleNotice error={error} retry={retry} />}
      {children(data)}
    </>
  );
}
