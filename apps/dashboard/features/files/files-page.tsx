/** Files of a session: what was done to each, and who saw it. All its state is in the address. */
'use client';

import { FILE_OPS, type FileOp, MOUNT_MODES } from '@vitrine/schema/api';
import { useQueryStates } from 'nuqs';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { fileKeys } from '../../lib/url-state.ts';
import { Box } from '../../ui/box.tsx';
import { Button, ButtonLink } from '../../ui/button.tsx';
import { FilterChoice, Filters, FilterText, VANTAGE_CHOICES } from '../../ui/filter-fields.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Shown } from '../../ui/looked.tsx';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { FileList } from './file-list.tsx';
import { type FileState, useFiles } from './query.ts';

const OP_NAMES: Record<FileOp, string> = {
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
      <FileFilters state={state} onChange={change} />
      <Body query={query} session={session} state={state} onChange={change} />
    </PageBody>
  );
}

interface FiltersProps {
  state: FileState;
  onChange: (next: Partial<FileState>) => void;
}

function FileFilters({ state, onChange }: FiltersProps): ReactNode {
  return (
    <Filters>
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
    </Filters>
  );
}

interface BodyProps extends FiltersProps {
  query: ReturnType<typeof useFiles>;
  session: string;
}

function Body({ query, session, state, onChange }: BodyProps): ReactNode {
  return (
    <Loaded query={query} what="files" rows={10}>
      {({ items, of, looked }) =>
        items.length === 0 ? (
          <NoFiles state={state} session={session} onChange={onChange} />
        ) : (
          <>
            <Shown
              shown={items.length}
              of={of}
              what={of === 1 ? 'path' : 'paths'}
              looked={looked}
            />
            <FileList session={session} items={items} state={state} onChange={onChange} />
          </>
        )
      }
    </Loaded>
  );
}

type NoFilesProps = FiltersProps & { session: string };

function NoFiles({ state, session, onChange }: NoFilesProps): ReactNode {
  const { path, op, mode, seen } = state;
  if (path === '' && op === null && mode === null && seen === null) {
    return (
      <Box>
        <EmptyState title="No file event in this session">
          <p>
            Observers of the kernel tell of files: strace, bpftrace, gVisor’s sentry. None of them
            spoke of a file here, or none is connected.
          </p>
          <ButtonLink href={paths.sources(session)}>Its sources</ButtonLink>
        </EmptyState>
      </Box>
    );
  }
  const none = { path: '', op: null, mode: null, seen: null };
  return (
    <Box>
      <EmptyState title="No file matches">
        <p>There is none with these choices.</p>
        <Button onClick={() => onChange(none)}>Show all files</Button>
      </EmptyState>
    </Box>
  );
}
