/** The sources of sessions, as a table or, on a narrow page, as cards. */
import type { SourceItem, SourcesItem } from '@vitrine/schema/api';
import { plainText } from '@vitrine/schema/text';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { SafeText } from '../../ui/safe-text.tsx';
import { Cell, type Column, Heads, Row, Table } from '../../ui/table.tsx';
import { Age } from '../../ui/time.tsx';
import { VantageMark } from '../../ui/vantage-mark.tsx';
import { SourceBadge } from './state-badge.tsx';
import { recordsText, stateDetail } from './words.ts';

const COLUMNS: Column[] = [
  ['State', 'w-[124px]'],
  ['Source', 'w-[18%]'],
  ['Stands at', 'w-[112px]'],
  ['About it', ''],
  ['Version', 'w-[92px]'],
  ['Records', 'w-[84px]', 'end'],
  ['Losses', 'w-[72px]', 'end'],
  ['Last seen', 'w-[92px]', 'end'],
];

export function SourceList({ items }: { items: SourcesItem[] }): ReactNode {
  return (
    <>
      <div className="hidden lg:block">
        <SourceTable items={items} />
      </div>
      <div className="lg:hidden">
        <SourceCards items={items} />
      </div>
    </>
  );
}

function SourceTable({ items }: { items: SourcesItem[] }): ReactNode {
  return (
    <Table label="Sources" className="table-fixed">
      <Heads columns={COLUMNS} />
      {items.map((item) => (
        <tbody key={item.session}>
          <tr className="border-b border-line bg-raised">
            <th
              scope="rowgroup"
              colSpan={COLUMNS.length}
              className="px-3 py-1.5 text-left font-medium"
            >
              <SessionName item={item} />
            </th>
          </tr>
          {item.sources.map((source) => (
            <SourceRow key={keyOf(source)} source={source} />
          ))}
        </tbody>
      ))}
    </Table>
  );
}

function SourceRow({ source }: { source: SourceItem }): ReactNode {
  const { name, vantage, state, version, losses, sees, last_seen: seen } = source;
  return (
    <Row className="h-10">
      <Cell>
        <SourceBadge state={state} />
      </Cell>
      <Cell className="truncate font-medium" title={plainText(sees ?? name)}>
        <SafeText text={name} />
      </Cell>
      <Cell>
        <span className="flex items-center">
          {vantage === null ? <Nothing /> : <VantageMark vantage={vantage} />}
        </span>
      </Cell>
      <Cell className="truncate text-muted" title={plainText(stateDetail(source))}>
        <SafeText text={stateDetail(source)} />
      </Cell>
      <Cell className="truncate text-muted">
        {version === null ? <Nothing /> : <SafeText text={version} />}
      </Cell>
      <Cell className="text-right text-muted">{recordsText(source)}</Cell>
      <Cell className="text-right text-muted">{losses}</Cell>
      <Cell className="text-right whitespace-nowrap text-muted">
        {seen === null ? <Nothing /> : <Age ns={seen} />}
      </Cell>
    </Row>
  );
}

function SourceCards({ items }: { items: SourcesItem[] }): ReactNode {
  return (
    <ul aria-label="Sources" className="flex flex-col">
      {items.map((item) => (
        <li key={item.session} className="border-b border-line last:border-b-0">
          <div className="bg-raised px-3 py-2 text-sm font-medium">
            <SessionName item={item} />
          </div>
          <ul>
            {item.sources.map((source) => (
              <SourceCard key={keyOf(source)} source={source} />
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

function SourceCard({ source }: { source: SourceItem }): ReactNode {
  const { name, vantage, state, version, last_seen: seen } = source;
  return (
    <li className="border-t border-line px-3 py-2">
      <div className="flex items-center justify-between gap-3">
        <SafeText text={name} className="min-w-0 truncate text-sm font-medium" />
        <SourceBadge state={state} />
      </div>
      <p className="mt-1 flex flex-wrap gap-x-3 text-xs text-muted">
        {vantage === null ? null : <VantageMark vantage={vantage} />}
        {version === null ? null : <SafeText text={version} />}
        <span>{recordsText(source)} records</span>
        {seen === null ? null : <Age ns={seen} />}
      </p>
      {stateDetail(source) === '' ? null : (
        <p className="mt-0.5 text-xs text-muted">
          <SafeText text={stateDetail(source)} />
        </p>
      )}
    </li>
  );
}

function SessionName({ item: { session, runtime, host, user } }: { item: SourcesItem }): ReactNode {
  const facts = [runtime, host?.name, user].filter((text) => text != null && text !== '');
  return (
    <span className="flex flex-wrap items-baseline gap-x-3">
      <Link href={paths.session(session)} className="min-w-0 hover:underline">
        <SafeText text={session} />
      </Link>
      <span className="text-xs font-normal text-muted">
        <SafeText text={facts.join(' · ')} />
      </span>
    </span>
  );
}

function Nothing(): ReactNode {
  return <span className="text-faint">–</span>;
}

function keyOf({ name, vantage }: SourceItem): string {
  return `${vantage}/${name}`;
}
