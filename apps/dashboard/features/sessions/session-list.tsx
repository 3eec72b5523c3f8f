/** Sessions as the width allows: a table, or cards. */
import type { SessionItem } from '@vitrine/schema/api';
import type { ReactNode } from 'react';
import { SessionCards, SessionCardsSkeleton } from './session-cards.tsx';
import { SessionTable, SessionTableSkeleton } from './session-table.tsx';

export function SessionList({ items }: { items: SessionItem[] }): ReactNode {
  return (
    <>
      <div className="hidden lg:block">
        <SessionTable items={items} />
      </div>
      <div className="lg:hidden">
        <SessionCards items={items} />
      </div>
    </>
  );
}

export function SessionListSkeleton(): ReactNode {
  return (
    <div role="status">
      <span className="sr-only">The sessions are loading.</span>
      <div aria-hidden="true" className="hidden lg:block">
        <SessionTableSkeleton />
      </div>
      <div aria-hidden="true" className="lg:hidden">
        <SessionCardsSkeleton />
      </div>
    </div>
  );
}
