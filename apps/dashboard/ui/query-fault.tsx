/** What is wrong with a query: its text with the fault marked, why, and what to do. */
'use client';

import type { QueryError } from '@vitrine/schema/record';
import type { ReactNode } from 'react';
import { SafeText } from './safe-text.tsx';

interface QueryFaultProps {
  id: string;
  query: string;
  fault: QueryError | undefined;
}

export function QueryFault({ id, query, fault }: QueryFaultProps): ReactNode {
  // Always there, so that a screen reader hears what comes into it.
  return (
    <div id={id} role="status" className={fault === undefined ? 'sr-only' : 'pt-1.5 text-xs'}>
      {fault === undefined ? null : (
        <>
          <p className="truncate font-mono text-muted">
            <SafeText text={query.slice(0, fault.at.from)} />
            <mark className="rounded-xs bg-broken-soft px-0.5 text-broken underline">
              <SafeText text={query.slice(fault.at.from, fault.at.to) || '…'} />
            </mark>
            <SafeText text={query.slice(fault.at.to)} />
          </p>
          <p className="text-broken">
            <SafeText text={fault.message} />
          </p>
          <p className="text-muted">
            <SafeText text={fault.hint} />
          </p>
        </>
      )}
    </div>
  );
}
