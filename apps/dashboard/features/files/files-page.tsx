/** Files of a session: what was done to each, and who saw it. All its state is in the address. */
'use client';

import { useQueryStates } from 'nuqs';
import type { ReactNode } from 'react';
import { FILE_OPS, fileKeys, MOUNT_MODES } from '../../lib/url-state.ts';
import { Button } from '../../ui/button.tsx';
import { FilterChoice, FilterText, VANTAGE_CHOICES } from '../../ui/filter-fields.tsx';
import { Shown } from '../../ui/looked.tsx';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StaleNotice } from '../../ui/stale-notice.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/states.tsx';
import { FileList } from './file-list.tsx';
import { type FileState, useFiles } from './query.ts';

const OP_NAMES: Record<(typeof FILE_OPS)[number], string> = {
  read: 'read',
  write: 'written',
  delete: 'deleted or as good as',
  denied: 'denied',
  other: 'anything else',
};

export function FilesPage({ session }: { session: string }): ReactNode {
  const [state, setState] = useQueryStates(fileKeys, { history: 'push' });
  const query = useFiles(session, state);
  const change = (next: Partial<FileState>): void => void setState(next);
  return (
    <PageBody>
      <PageHeader
        title="Files"
        description={
          <>
            Each path as it was asked for in <SafeText text={session} />, and who saw it. An open is
            counted as what it was for.
          </>
        }
      />
      <Filters state={state} onChange={change} />
      <Body query={query} session={session} state={state} onChange={change} />
    </PageBody>
  );
}

interface FiltersProps {
  state: FileState;
  onChange: (next: Partial<FileState>) => void;
}

function Filters({ state, onChange }: FiltersProps): ReactNode {
  return (
    <div className="flex flex-wrap items-center gap-2 pb-3">
      <FilterText
        label="Path, or where it led"
        text={state.path}
        onText={(path) => onChange({ path })}
      />
      <FilterChoice
        label="What was done"
        all="whatever was done"
        value={state.op}
        choices={FILE_OPS.map((op) => [op, OP_NAMES[op]] as const)}
        onChoose={(op) => onChange({ op })}
      />
      <FilterChoice
        label="Mode of the mount"
        all="any mount"
        value={state.mode}
        choices={MOUNT_MODES.map((mode) => [mode, mode] as const)}
        onChoose={(mode) => onChange({ mode })}
      />
      <FilterChoice
        label="Who saw it"
        all="whoever saw it"
        value={state.seen}
        choices={VANTAGE_CHOICES}
        onChoose={(seen) => onChange({ seen })}
      />
    </div>
  );
}

interface BodyProps extends FiltersProps {
  query: ReturnType<typeof useFiles>;
  session: string;
}

function Body({ query: { data, error, refetch }, session, state, onChange }: BodyProps): ReactNode {
  if (data === undefined) {
    if (error === null) return <LoadingState label="The files are loading." rows={10} />;
    const title = 'The files could not be loaded';
    return <ErrorState error={error} title={title} retry={() => void refetch()} />;
  }
  const { items, of, looked } = data;
  if (items.length === 0) return <NoFiles state={state} onChange={onChange} />;
  return (
    <>
      {error === null ? null : <StaleNotice error={error} retry={() => void refetch()} />}
      <Shown shown={items.length} of={of} what={of === 1 ? 'path' : 'paths'} looked={looked} />
      <FileList session={session} items={items} state={state} onChange={onChange} />
    </>
  );
}

function NoFiles({ state, onChange }: FiltersProps): ReactNode {
  const { path, op, mode, seen } = state;
  if (path === '' && op === null && mode === null && seen === null) {
    return (
      <EmptyState title="No file event in this session">
        <p>
          Observers of the kernel tell of files: strace, bpftrace, gVisor’s sentry. None of them
          spoke of a file here, or none is connected.
        </p>
      </EmptyState>
    );
  }
  const none = { path: '', op: null, mode: null, seen: null };
  return (
    <EmptyState title="No file is so">
      <Button onClick={() => onChange(none)}>Show all files</Button>
    </EmptyState>
  );
}
