/** Alerts, newest first, and the one that is open. All of its state is in the address bar. */
'use client';

import { useQueryStates } from 'nuqs';
import { type ReactNode, Suspense, useEffect } from 'react';
import { alertKeys } from '../../lib/url-state.ts';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { CommandLine } from '../../ui/command-line.tsx';
import { ShieldIcon } from '../../ui/icons.tsx';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';
import { StaleNotice } from '../../ui/stale-notice.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { alertOf } from './alert.ts';
import { AlertDetail } from './alert-detail.tsx';
import { AlertFilters } from './alert-filters.tsx';
import { AlertRow, AlertRowsSkeleton, alertLinkId } from './alert-row.tsx';
import { type AlertFilter, type AlertsQuery, useAlerts } from './query.ts';

export function AlertsPage(): ReactNode {
  return (
    <PageBody>
      <PageHeader
        title="Alerts"
        description={
          'What the rules found, newest first. ' +
          'Each stands on records of the log, and is one itself.'
        }
      />
      <Suspense fallback={<AlertRowsSkeleton />}>
        <Alerts />
      </Suspense>
    </PageBody>
  );
}

function Alerts(): ReactNode {
  const [{ a, ...filter }, setState] = useQueryStates(alertKeys, { history: 'push' });
  const query = useAlerts(filter);
  const close = (): void => {
    const link = a === null ? '' : alertLinkId(a);
    void setState({ a: null }).then(() => document.getElementById(link)?.focus());
  };
  useEscape(a === null ? undefined : close);
  return (
    <div
      className={classNames(
        'grid items-start gap-4',
        a !== null && 'lg:grid-cols-[minmax(0,1fr)_minmax(0,500px)]',
      )}
    >
      <div className={classNames('min-w-0', a !== null && 'max-lg:hidden')}>
        <AlertFilters filter={filter} onChange={(change) => void setState(change)} />
        {query.data !== undefined && query.error !== null && query.error.status !== 401 ? (
          <StaleNotice error={query.error} retry={() => query.refetch()} />
        ) : null}
        <div className="overflow-hidden rounded-lg border border-line bg-surface">
          <List query={query} filter={filter} open={a} onReset={() => void setState(NO_FILTER)} />
        </div>
        <More query={query} />
      </div>
      {a === null ? null : (
        <div className="min-w-0 lg:sticky lg:top-16">
          <AlertDetail key={a} index={a} onClose={close} />
        </div>
      )}
    </div>
  );
}

const NO_FILTER = { severity: null, rule: null, session: null };

interface ListProps {
  query: AlertsQuery;
  filter: AlertFilter;
  open: number | null;
  onReset: () => void;
}

function List({ query, filter, open, onReset }: ListProps): ReactNode {
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
  const alerts = data.pages.flatMap((page) => page.items.map(alertOf));
  if (alerts.length > 0) {
    return (
      <ul aria-label="Alerts">
        {alerts.map((alert) => (
          <AlertRow
            key={alert.index}
            alert={alert}
            filter={filter}
            current={alert.index === open}
          />
        ))}
      </ul>
    );
  }
  const isFiltered = filter.severity.length > 0 || filter.rule !== '' || filter.session !== '';
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

function More({ query }: { query: AlertsQuery }): ReactNode {
  if (!query.hasNextPage) return null;
  return (
    <div className="flex justify-center pt-4">
      <Button
        onClick={() => query.fetchNextPage()}
        disabledReason={query.isFetchingNextPage ? 'Older alerts are loading' : undefined}
      >
        {query.isFetchingNextPage ? 'Loading …' : 'Older alerts'}
      </Button>
    </div>
  );
}

function useEscape(close: (() => void) | undefined): void {
  useEffect(() => {
    if (close === undefined) return;
    const onKey = (event: KeyboardEvent): void => {
      const typing = event.target instanceof HTMLElement && event.target.matches('input, select');
      if (event.key === 'Escape' && !event.defaultPrevented && !typing) close();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}
