/** The rows of the inbox, or what stands there when there are none. */
'use client';

import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { CommandLine } from '../../ui/command-line.tsx';
import { ShieldIcon } from '../../ui/icons.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { AlertRow, AlertRowsSkeleton } from './alert-row.tsx';
import type { AlertFilter, AlertsQuery } from './query.ts';

interface AlertListProps {
  query: AlertsQuery;
  filter: AlertFilter;
  open: number | null;
  onReset: () => void;
}

export function AlertList({ query, filter, open, onReset }: AlertListProps): ReactNode {
  const { data, error } = query;
  if (error?.status === 401 || (data === undefined && error !== null)) {
    return (
      <ErrorState
        error={error}
        title="The alerts could not be loaded"
        retry={() => query.refetch()}
      />
    );
  }
  if (data === undefined) return <AlertRowsSkeleton />;
  const items = data.pages.flatMap((page) => page.items);
  if (items.length > 0) {
    return (
      <ul aria-label="Alerts">
        {items.map((item) => (
          <AlertRow key={item.index} item={item} filter={filter} current={item.index === open} />
        ))}
      </ul>
    );
  }
  const isFiltered = Object.values(filter).some((chosen) => chosen.length > 0);
  if (isFiltered) {
    return (
      <EmptyState title="No alert matches">
        <p>There is none with these choices.</p>
        <Button onClick={onReset}>Show all alerts</Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No alerts" icon={<ShieldIcon className="size-8" />}>
      <p>The rules watch every record as it is sealed, and none has fired. This acts out one:</p>
      <CommandLine command="npm run demo" />
    </EmptyState>
  );
}
