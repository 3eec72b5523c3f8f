/** Alerts, newest first, and the one that is open. All of its state is in the address bar. */
'use client';

import type { AlertItem } from '@vitrine/schema/api';
import { useRouter } from 'next/navigation';
import { useQueryStates } from 'nuqs';
import { type ReactNode, Suspense, useState } from 'react';
import { useRefusal } from '../../lib/access.ts';
import { paths } from '../../lib/paths.ts';
import { alertKeys } from '../../lib/url-state.ts';
import { currentRow, type Keys, stepRow, useKeys } from '../../lib/use-keys.ts';
import { Box } from '../../ui/box.tsx';
import { InboxViews } from '../../ui/inbox-views.tsx';
import { KeySheet, KeysButton } from '../../ui/key-sheet.tsx';
import { MoreButton } from '../../ui/more-button.tsx';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';
import { WithSidePanel } from '../../ui/side-panel.tsx';
import { StaleNotice } from '../../ui/stale-notice.tsx';
import type { FormName } from './act-forms.tsx';
import { ActNotice } from './act-notice.tsx';
import { type Acts, useActs } from './acts.ts';
import { alertOf } from './alert.ts';
import { AlertDetail } from './alert-detail.tsx';
import { AlertFilters } from './alert-filters.tsx';
import { AlertList } from './alert-list.tsx';
import { AlertRowsSkeleton, alertLinkId } from './alert-row.tsx';
import { useAlert, useAlerts } from './query.ts';

export function AlertsPage(): ReactNode {
  return (
    <PageBody>
      <PageHeader
        title="Alerts"
        description={
          'What the rules found, newest first. ' +
          'Each stands on records of the log, and is one itself.'
        }
        actions={<InboxViews view="alerts" />}
      />
      <Suspense fallback={<AlertRowsSkeleton />}>
        <Alerts />
      </Suspense>
    </PageBody>
  );
}

function Alerts(): ReactNode {
  const [{ a, ...filter }, setState] = useQueryStates(alertKeys, { history: 'push' });
  const [form, setForm] = useState<{ of: number; name: FormName } | null>(null);
  const [showsKeys, setShowsKeys] = useState(false);
  const query = useAlerts(filter);
  const acts = useActs();
  const refusal = useRefusal('alert.triage');
  // What was acted on may have left the list by that: it stays open all the same.
  const opened = useAlert(a).data;
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const names = [...new Set(items.flatMap(({ triage }) => triage.assignee ?? []))];
  const close = (): void => {
    const link = a === null ? '' : alertLinkId(a);
    void setState({ a: null }).then(() => document.getElementById(link)?.focus());
  };
  const openForm = (index: number, name: FormName): void => {
    setForm({ of: index, name });
    if (index !== a) void setState({ a: index });
  };
  const keys = useInboxKeys({ items, open: a, opened, acts, refusal, openForm, close });
  useKeys({ ...keys, '?': () => setShowsKeys(true) });
  const panel = (index: number): ReactNode => (
    <AlertDetail
      key={index}
      index={index}
      onClose={close}
      acts={acts}
      form={form?.of === index ? form.name : null}
      names={names}
      onForm={(name) => setForm(name === null ? null : { of: index, name })}
    />
  );
  return (
    <>
      <WithSidePanel panel={a === null ? null : panel(a)}>
        <div className="flex items-start justify-between gap-2">
          <AlertFilters
            filter={filter}
            names={names}
            onChange={(change) => void setState(change)}
          />
          <KeysButton onOpen={() => setShowsKeys(true)} />
        </div>
        {query.data !== undefined && query.error !== null && query.error.status !== 401 ? (
          <StaleNotice error={query.error} retry={() => query.refetch()} />
        ) : null}
        <Box>
          <AlertList
            query={query}
            filter={filter}
            open={a}
            onReset={() => void setState(NO_FILTER)}
          />
        </Box>
        <MoreButton query={query} what="Older alerts" />
      </WithSidePanel>
      <ActNotice told={acts.told} onClose={acts.forget} />
      {showsKeys ? (
        <KeySheet
          keys={refusal === undefined ? KEYS : KEYS.filter(([key]) => !/^[acsmo]$/.test(key))}
          onClose={() => setShowsKeys(false)}
        />
      ) : null}
    </>
  );
}

const NO_FILTER = {
  severity: null,
  state: null,
  assignee: null,
  rule: null,
  q: null,
  session: null,
};

const KEYS = [
  ['j', 'next alert'],
  ['k', 'previous alert'],
  ['Enter', 'open it'],
  ['a', 'acknowledge it'],
  ['c', 'close it with a verdict'],
  ['s', 'assign it to somebody'],
  ['m', 'comment on it'],
  ['o', 'reopen it'],
  ['i', 'its incident, as a story'],
  ['Esc', 'back to the list'],
  ['/', 'search'],
  ['?', 'these keys'],
] as const;

interface InboxState {
  items: readonly AlertItem[];
  open: number | null;
  /** The alert that is open, once it is there. */
  opened: AlertItem | undefined;
  acts: Acts;
  /** Why nothing can be done with an alert; its keys do nothing then. */
  refusal: string | undefined;
  openForm: (index: number, name: FormName) => void;
  close: () => void;
}

/** They act on the alert that is open, else on the row with the focus. */
function useInboxKeys(state: InboxState): Keys {
  const { items, open, opened, acts, refusal, openForm, close } = state;
  const router = useRouter();
  const current = (): AlertItem | undefined => {
    if (open !== null) return opened;
    const row = currentRow()?.id;
    return items.find(({ index }) => alertLinkId(index) === row);
  };
  const withForm = (name: FormName) => (): void => {
    const item = current();
    if (item !== undefined) openForm(item.index, name);
  };
  const move = (to: 'open' | 'acknowledged', said: string) => (): void => {
    const item = current();
    if (item !== undefined) void acts.run(item, { state: to }, said);
  };
  const deeds: Keys = {
    a: move('acknowledged', 'Acknowledged'),
    o: move('open', 'Reopened'),
    c: withForm('close'),
    s: withForm('assign'),
    m: withForm('comment'),
  };
  return {
    ...(refusal === undefined ? deeds : {}),
    j: () => stepRow(1),
    k: () => stepRow(-1),
    i() {
      const item = current();
      if (item !== undefined) router.push(paths.incident(alertOf(item).subject));
    },
    ...(open === null ? {} : { Escape: close }),
  };
}
