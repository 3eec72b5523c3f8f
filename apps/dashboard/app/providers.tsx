/** What every page can rely on: a query cache, the reader's role, and state in the address bar. */
'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import { type ReactNode, useState } from 'react';
import { RoleProvider } from '../lib/access.ts';
import { mayRetry } from '../lib/api/client.ts';

const STALE_MS = 5_000;

interface ProvidersProps {
  /** Of the reader; empty where nobody is signed in. */
  role: string;
  children: ReactNode;
}

export function Providers({ role, children }: ProvidersProps) {
  const [client] = useState(
    () =>
      new QueryClient({
        defaultOptions: { queries: { staleTime: STALE_MS, retry: mayRetry } },
      }),
  );
  return (
    <QueryClientProvider client={client}>
      <RoleProvider value={role}>
        <NuqsAdapter>{children}</NuqsAdapter>
      </RoleProvider>
    </QueryClientProvider>
  );
}
