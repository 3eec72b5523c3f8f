/** Files as a table whose heads sort it or, on a narrow page, as cards. */
import type { FileItem, FileSort } from '@vitrine/schema/api';
import { fieldTerm } from '@vitrine/schema/query';
import { plainText } from '@vitrine/schema/text';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { Badge } from '../../ui/badge.tsx';
import { Box } from '../../ui/box.tsx';
import { Count, countText, NameList } from '../../ui/looked.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { Cell, HeadCell, Row, Table } from '../../ui/table.tsx';
import { Age } from '../../ui/time.tsx';
import { VantageMark } from '../../ui/vantage-mark.tsx';
import type { FileState } from './query.ts';

interface FileListProps {
  session: string;
  items: FileItem[];
  state: FileState;
  onChange: (next: Partial<FileState>) => void;
}

const HEADS: [name: string, sort: FileSort | null, width: string, end?: 'end'][] = [
  ['Seen by', null, 'w-[104px]'],
  ['Path, and where it led', 'path', ''],
  ['Mount', null, 'w-[112px]'],
  ['Read', 'reads', 'w-[68px]', 'end'],
  ['Written', 'writes', 'w-[76px]', 'end'],
  ['Deleted', 'deletes', 'w-[76px]', 'end'],
  ['Denied', 'denied', 'w-[72px]', 'end'],
  ['Other', null, 'w-[68px]', 'end'],
  ['By process, agent', null, 'w-[18%]'],
  ['Last', 'last', 'w-[92px]', 'end'],
];

export function FileList(props: FileListProps): ReactNode {
  return (
    <>
      <Box className="hidden lg:block">
        <FileTable {...props} />
      </Box>
      <Box className="lg:hidden">
        <ul aria-label="Files">
          {props.items.map((item) => (
            <FileCard key={keyOf(item)} session={props.session} item={item} />
          ))}
        </ul>
      </Box>
    </>
  );
}

function FileTable({ session, items, state, onChange }: FileListProps): ReactNode {
  return (
    <Table label="Files" className="table-fixed">
      <thead>
        <tr>
          {HEADS.map(([name, sort, width, end]) => (
            <HeadCell
              key={name}
              className={`${width} ${end === 'end' ? 'text-right' : ''}`}
              {...(sort === state.sort ? { 'aria-sort': SORTED[state.order] } : {})}
            >
              {sort === null ? (
                name
              ) : (
                <SortButton name={name} sort={sort} state={state} onChange={onChange} />
              )}
            </HeadCell>
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <FileRow key={keyOf(item)} session={session} item={item} />
        ))}
      </tbody>
    </Table>
  );
}

const SORTED = { asc: 'ascending', desc: 'descending' } as const;

interface SortButtonProps extends Pick<FileListProps, 'state' | 'onChange'> {
  name: string;
  sort: FileSort;
}

/** The first press sorts names from the start, and figures from the largest. */
function SortButton({ name, sort, state, onChange }: SortButtonProps): ReactNode {
  const isSorted = state.sort === sort;
  const first = sort === 'path' ? 'asc' : 'desc';
  const order = isSorted ? (state.order === 'asc' ? 'desc' : 'asc') : first;
  return (
    <button type="button" onClick={() => onChange({ sort, order })} className="hover:text-text">
      {name}
      <span aria-hidden="true">{isSorted ? (state.order === 'asc' ? ' ↑' : ' ↓') : ''}</span>
    </button>
  );
}

function FileRow({ session, item }: { session: string; item: FileItem }): ReactNode {
  return (
    <Row>
      <Cell>
        <VantageMark vantage={item.vantage} />
      </Cell>
      <Cell>
        <FilePath session={session} item={item} />
      </Cell>
      <Cell>
        <Modes item={item} />
      </Cell>
      <Cell className="text-right">
        <Count of={item.reads} />
      </Cell>
      <Cell className="text-right">
        <Count of={item.writes} />
      </Cell>
      <Cell className="text-right">
        <Count of={item.deletes} />
      </Cell>
      <Cell className="text-right">
        <Count of={item.denied} alarm />
      </Cell>
      <Cell className="text-right">
        <Count of={item.other} />
      </Cell>
      <Cell className="text-xs text-muted">
        <Doers item={item} />
      </Cell>
      <Cell className="text-right whitespace-nowrap text-muted">
        <LastSeen session={session} item={item} />
      </Cell>
    </Row>
  );
}

function FileCard({ session, item }: { session: string; item: FileItem }): ReactNode {
  const counts: [name: string, count: number][] = [
    ['read', item.reads],
    ['written', item.writes],
    ['deleted', item.deletes],
    ['denied', item.denied],
    ['other', item.other],
  ];
  return (
    <li className="border-b border-line px-3 py-2 last:border-b-0">
      <FilePath session={session} item={item} />
      <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
        <VantageMark vantage={item.vantage} />
        <Modes item={item} />
        {counts
          .filter(([, count]) => count > 0)
          .map(([name, count]) => (
            <span key={name} className={name === 'denied' ? 'text-high' : ''}>
              {countText(count)} {name}
            </span>
          ))}
        <LastSeen session={session} item={item} />
      </p>
      <p className="mt-0.5 text-xs text-muted">
        <Doers item={item} />
      </p>
    </li>
  );
}

/** Leads to the events of this path in the timeline. */
function FilePath({ session, item }: { session: string; item: FileItem }): ReactNode {
  const { path, chars, real, vantage, first } = item;
  const isCut = [...path].length < chars;
  // What is cut cannot be asked for: its first event can.
  const state = isCut
    ? { e: first }
    : { q: fieldTerm('path', path), vantage: vantage === '' ? [] : [vantage] };
  return (
    <>
      <Link
        href={paths.session(session, state)}
        title={plainText(path)}
        className="line-clamp-2 font-mono text-xs break-all hover:underline"
      >
        {path === '' ? <span className="text-faint">(no path was told)</span> : null}
        <SafeText text={path} />
        {isCut ? '…' : null}
      </Link>
      {isCut ? <p className="text-xs text-faint">{countText(chars)} characters in all</p> : null}
      {real.of === 0 ? null : (
        <p className="line-clamp-2 font-mono text-xs break-all text-medium">
          led to <NameList {...real} />
        </p>
      )}
    </>
  );
}

function Modes({ item: { modes } }: { item: FileItem }): ReactNode {
  if (modes.length === 0) return <span className="text-xs text-faint">no grant</span>;
  return modes.map((mode) => (
    <Badge key={mode} className="mr-1">
      <SafeText text={mode} />
    </Badge>
  ));
}

function Doers({ item: { processes, agents } }: { item: FileItem }): ReactNode {
  return (
    <>
      <span className="line-clamp-2 break-all">
        <NameList {...processes} />
      </span>
      {agents.of === 0 ? null : (
        <span title="By the process tree where the observer stands outside the agent">
          put down to agent <NameList {...agents} />
        </span>
      )}
    </>
  );
}

function LastSeen({ session, item }: { session: string; item: FileItem }): ReactNode {
  return (
    <Link href={paths.session(session, { e: item.last })} className="hover:underline">
      <Age ns={item.last_t} />
    </Link>
  );
}

function keyOf({ vantage, path, first }: FileItem): string {
  return `${vantage} ${first} ${path}`;
}
