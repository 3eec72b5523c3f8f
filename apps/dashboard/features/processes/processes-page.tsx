/** The processes of a session as a tree, with what each did. */
'use client';

import { useQuery } from '@tanstack/react-query';
import type { Looked, ProcessesAnswer, ProcessItem, ProcessTree } from '@vitrine/schema/api';
import { useQueryStates } from 'nuqs';
import { type ReactNode, useMemo, useState } from 'react';
import { type ApiFailure, getJson } from '../../lib/api/client.ts';
import { paths } from '../../lib/paths.ts';
import { processKeys } from '../../lib/url-state.ts';
import { Box } from '../../ui/box.tsx';
import { Button, ButtonLink } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { FilterChoice, Filters, VANTAGE_CHOICES } from '../../ui/filter-fields.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { countText } from '../../ui/looked.tsx';
import { PageBody, PageHeader } from '../../ui/page-header.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { ProcessGrid } from './process-grid.tsx';
import { ProcessPanel } from './process-panel.tsx';
import { ancestorsOf, childrenOf, openedAtFirst, visibleRows } from './rows.ts';

export function ProcessesPage({ session }: { session: string }): ReactNode {
  const [{ seen }, setState] = useQueryStates(processKeys, { history: 'push' });
  const query = useQuery<ProcessesAnswer, ApiFailure>({
    queryKey: ['processes', session, seen],
    queryFn: ({ signal }) => {
      const path = `/v1/sessions/${encodeURIComponent(session)}/processes`;
      return getJson(path, { query: { vantage: seen }, signal });
    },
  });
  return (
    <PageBody>
      <PageHeader
        title="Processes"
        description={
          <>
            Of <SafeText text={session} />, as each observer saw them start, act and end, by numbers
            of its own. What the agent itself said is marked as such.
          </>
        }
      />
      <Filters>
        <FilterChoice
          label="Who saw it"
          all="whoever saw it"
          value={seen}
          choices={VANTAGE_CHOICES}
          onChoose={(next) => void setState({ seen: next, p: null })}
        />
      </Filters>
      <Loaded query={query} what="processes" rows={10}>
        {(tree) =>
          tree.processes.length === 0 ? (
            <NoProcess session={session} />
          ) : (
            <Tree key={session} session={session} tree={tree} />
          )
        }
      </Loaded>
    </PageBody>
  );
}

function NoProcess({ session }: { session: string }): ReactNode {
  return (
    <Box>
      <EmptyState title="No process is told of">
        <p>
          Observers of the kernel tell of processes: strace, bpftrace, gVisor’s sentry. None of them
          spoke of one here, or none is connected.
        </p>
        <ButtonLink href={paths.sources(session)}>Its sources</ButtonLink>
      </EmptyState>
    </Box>
  );
}

function Tree({ session, tree }: { session: string; tree: ProcessTree }): ReactNode {
  const { processes } = tree;
  const [{ p }, setState] = useQueryStates(processKeys, { history: 'replace' });
  const selected = processes.find(({ index }) => index === p) ?? processes[0]!;
  const [opened, setOpened] = useState<ReadonlySet<number>>(
    () => new Set([...openedAtFirst(processes), ...ancestorsOf(processes, selected)]),
  );
  const children = useMemo(() => childrenOf(processes), [processes]);
  const rows = useMemo(() => visibleRows(children, opened), [children, opened]);
  const select = (n: number): void => void setState({ p: processes[n]!.index });
  const toggle = (n: number): void => {
    const next = new Set(opened);
    if (!next.delete(n)) next.add(n);
    setOpened(next);
    // What is selected must have a row.
    if (ancestorsOf(processes, selected).includes(n) && opened.has(n)) select(n);
  };
  return (
    <div
      className={classNames(
        'grid gap-4 lg:grid-cols-[minmax(0,1fr)_19rem]',
        '2xl:grid-cols-[minmax(0,1fr)_24rem]',
      )}
    >
      <div className="min-w-0">
        <Summary tree={tree} onOpened={setOpened} select={select} at={selected} />
        <Box>
          <ProcessGrid
            label={`Processes of session ${session}`}
            rows={rows}
            selected={selected.n}
            onSelect={select}
            onToggle={toggle}
          />
        </Box>
      </div>
      <aside aria-label="The selected process" className="min-w-0">
        <ProcessPanel session={session} item={selected} />
      </aside>
    </div>
  );
}

interface SummaryProps {
  tree: ProcessTree;
  onOpened: (opened: ReadonlySet<number>) => void;
  select: (n: number) => void;
  at: ProcessItem;
}

/** What the tree is made of and what it leaves out, and the buttons for all of it. */
function Summary({ tree, onOpened, select, at }: SummaryProps): ReactNode {
  const { processes, records, counted, unplaced } = tree;
  const parents = processes.filter(({ children }) => children > 0);
  const said = processes.filter(({ vantage }) => vantage === 'agent').length;
  const closeAll = (): void => {
    const above = ancestorsOf(processes, at);
    onOpened(new Set());
    if (above.length > 0) select(above.at(-1)!);
  };
  const isCut = records.events < records.of || counted.events < counted.of;
  return (
    <div className="mb-2 flex flex-wrap items-center gap-x-3 gap-y-2">
      <p className={`mr-auto text-sm tabular-nums ${isCut ? 'text-medium' : 'text-muted'}`}>
        {countText(processes.length)} {processes.length === 1 ? 'process' : 'processes'}
        {records.events < records.of ? ` of ${partText(records)} starts and ends` : ''}
        {`, counted over ${partText(counted)} events`}
        {said > 0 ? ` · ${countText(said)} only said by the agent` : ''}
        {unplaced.egress > 0
          ? ` · connections and requests that name no process: ${countText(unplaced.egress)}`
          : ''}
        {unplaced.alerts > 0 ? ` · alerts that name no process: ${countText(unplaced.alerts)}` : ''}
      </p>
      <Button onClick={() => onOpened(new Set(parents.map(({ n }) => n)))}>Open all</Button>
      <Button onClick={closeAll}>Close all</Button>
    </div>
  );
}

function partText({ events, of }: Looked): string {
  return events < of ? `the first ${countText(events)} of ${countText(of)}` : countText(of);
}
