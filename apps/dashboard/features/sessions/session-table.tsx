/** Sessions as a table; a whole row leads to its timeline. */

import type { SessionItem } from '@vitrine/schema/api';
import { plainText } from '@vitrine/schema/text';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { SafeText } from '../../ui/safe-text.tsx';
import { Cell, type Column, Heads, Row, Table } from '../../ui/table.tsx';
import { Age } from '../../ui/time.tsx';
import { SessionAlerts, SessionState, SessionVantages } from './session-cells.tsx';
import { countText, hostText } from './words.ts';

/** Head and width of each column; fixed, so that nothing moves when rows come. */
const COLUMNS: Column[] = [
  ['State', 'w-[84px]'],
  ['Session', ''],
  ['User', 'w-[7%]'],
  ['Runtime', 'w-[78px]'],
  ['Host', 'w-[9%]'],
  ['Process', 'w-[76px]', 'end'],
  ['EDR device', 'w-[9%]'],
  ['Events', 'w-[72px]', 'end'],
  ['Alerts', 'w-[68px]', 'end'],
  ['Seen by', 'w-[12%]'],
  ['Opened', 'w-[88px]', 'end'],
  ['Last seen', 'w-[88px]', 'end'],
];

export function SessionTable({ items }: { items: SessionItem[] }): ReactNode {
  return (
    <Frame>
      {items.map((item) => (
        <SessionRow key={item.session} item={item} />
      ))}
    </Frame>
  );
}

const SKELETON_ROWS = [0, 1, 2, 3, 4, 5, 6, 7];

export function SessionTableSkeleton(): ReactNode {
  return (
    <Frame>
      {SKELETON_ROWS.map((row) => (
        <Row key={row} className="h-11">
          {COLUMNS.map(([head]) => (
            <Cell key={head}>
              <div className="skeleton h-3" />
            </Cell>
          ))}
        </Row>
      ))}
    </Frame>
  );
}

function Frame({ children }: { children: ReactNode }): ReactNode {
  return (
    <Table label="Sessions" className="table-fixed">
      <Heads columns={COLUMNS} />
      <tbody>{children}</tbody>
    </Table>
  );
}

function SessionRow({ item }: { item: SessionItem }): ReactNode {
  return (
    <Row className="relative h-11">
      <Cell>
        <SessionState item={item} />
      </Cell>
      <Cell className="truncate font-medium">
        <Link
          href={paths.session(item.session)}
          title={plainText(item.session)}
          className="after:absolute after:inset-0"
        >
          <SafeText text={item.session} />
        </Link>
      </Cell>
      <Text text={item.user} />
      <Text text={item.runtime} />
      <Text text={hostText(item)} />
      <Cell className="text-right text-muted">{item.pid ?? '–'}</Cell>
      <Text text={item.edr?.device_id} />
      <Cell className="text-right">{countText(item.events)}</Cell>
      <Cell className="text-right">
        <SessionAlerts item={item} />
      </Cell>
      <Cell className="truncate">
        <SessionVantages item={item} />
      </Cell>
      <Cell className="text-right whitespace-nowrap text-muted">
        <Age ns={item.opened} className="relative z-10" />
      </Cell>
      <Cell className="text-right whitespace-nowrap text-muted">
        <Age ns={item.last_t} className="relative z-10" />
      </Cell>
    </Row>
  );
}

function Text({ text }: { text: string | null | undefined }): ReactNode {
  if (text === null || text === undefined || text === '') {
    return <Cell className="text-faint">–</Cell>;
  }
  return (
    <Cell className="truncate text-muted" title={plainText(text)}>
      <SafeText text={text} />
    </Cell>
  );
}
