/** The connectors: a table where there is room for one, else cards. */
import type { ConnectorItem } from '@vitrine/schema/api';
import { plainText } from '@vitrine/schema/text';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { ROW } from '../../lib/use-keys.ts';
import { classNames } from '../../ui/class-names.ts';
import { SafeText } from '../../ui/safe-text.tsx';
import { Cell, type Column, Heads, Row, Table } from '../../ui/table.tsx';
import { Age } from '../../ui/time.tsx';
import { StandingBadge } from './standing-badge.tsx';
import { causeText, countText, lagText } from './words.ts';

const COLUMNS: Column[] = [
  ['State', 'w-[108px]'],
  ['Connector', 'w-[20%]'],
  ['Waiting', 'w-[150px]', 'end'],
  ['Last success', 'w-[110px]', 'end'],
  ['Dead letters', 'w-[104px]', 'end'],
  ['Last error', ''],
];

interface ConnectorListProps {
  items: ConnectorItem[];
  /** Name of the one whose panel is shown; empty for none. */
  open: string;
}

export function ConnectorList({ items, open }: ConnectorListProps): ReactNode {
  const isTable = open === '';
  return (
    <>
      {isTable ? (
        <div className="hidden lg:block">
          <ConnectorTable items={items} />
        </div>
      ) : null}
      <ul aria-label="Connectors" className={classNames(isTable && 'lg:hidden')}>
        {items.map((connector) => (
          <ConnectorCard
            key={connector.name}
            connector={connector}
            current={connector.name === open}
          />
        ))}
      </ul>
    </>
  );
}

function ConnectorTable({ items }: Pick<ConnectorListProps, 'items'>): ReactNode {
  return (
    <Table label="Connectors" className="table-fixed">
      <Heads columns={COLUMNS} />
      <tbody>
        {items.map((connector) => (
          <ConnectorRow key={connector.name} connector={connector} />
        ))}
      </tbody>
    </Table>
  );
}

function ConnectorRow({ connector }: { connector: ConnectorItem }): ReactNode {
  const { name, type, dead, lag } = connector;
  return (
    <Row className="relative">
      <Cell className="align-top">
        <StandingBadge connector={connector} />
      </Cell>
      <Cell className="align-top">
        <OpenLink name={name} />
        <p className="truncate text-xs text-faint">
          <SafeText text={type} />
        </p>
      </Cell>
      <Cell className={`text-right align-top ${lag > 0 ? '' : 'text-faint'}`}>
        {lagText(connector)}
      </Cell>
      <Cell className="text-right align-top whitespace-nowrap text-muted">
        <LastSuccess connector={connector} />
      </Cell>
      <Cell className={`text-right align-top ${dead > 0 ? 'text-high' : 'text-faint'}`}>
        {dead}
      </Cell>
      <Cell className="align-top">
        <LastError connector={connector} />
      </Cell>
    </Row>
  );
}

interface ConnectorCardProps {
  connector: ConnectorItem;
  current: boolean;
}

function ConnectorCard({ connector, current }: ConnectorCardProps): ReactNode {
  const { name, type, dead } = connector;
  return (
    <li
      className={classNames(
        'relative border-b border-line px-3 py-2.5 last:border-b-0',
        current ? 'bg-accent-soft' : 'hover:bg-hover',
      )}
    >
      <div className="flex items-start justify-between gap-3">
        <OpenLink name={name} current={current} />
        <StandingBadge connector={connector} />
      </div>
      <p className="mt-0.5 flex flex-wrap gap-x-3 text-xs text-muted">
        <span>
          <SafeText text={type} />
        </span>
        <span>waiting: {lagText(connector)}</span>
        <span>
          last success: <LastSuccess connector={connector} />
        </span>
        {dead === 0 ? null : (
          <span className="text-high">{countText(dead, 'dead letter', 'dead letters')}</span>
        )}
      </p>
      <LastError connector={connector} />
    </li>
  );
}

/** All of its row is the link. */
function OpenLink({ name, current = false }: { name: string; current?: boolean }): ReactNode {
  return (
    <Link
      href={paths.connectors(name)}
      prefetch={false}
      scroll={false}
      {...ROW}
      data-connector={name}
      {...(current ? { 'aria-current': 'true' } : {})}
      className={classNames(
        'block min-w-0 truncate font-medium after:absolute after:inset-0',
        'focus-visible:outline-none focus-visible:after:outline-2',
        'focus-visible:after:outline-offset-[-2px]',
      )}
    >
      <SafeText text={name} />
    </Link>
  );
}

function LastSuccess({ connector: { lastSuccessAt } }: { connector: ConnectorItem }): ReactNode {
  // Since the start of the collector, as are all figures here.
  return lastSuccessAt === null ? 'none yet' : <Age ns={`${lastSuccessAt}000000`} />;
}

function LastError({ connector }: { connector: ConnectorItem }): ReactNode {
  const { lastError, lastErrorHint, lastErrorAt, pausedBy, pausedReason } = connector;
  if (pausedBy === 'person') {
    return (
      <p className="mt-0.5 text-xs [overflow-wrap:anywhere] text-muted lg:mt-0">
        Paused: <SafeText text={pausedReason ?? ''} />
      </p>
    );
  }
  if (lastError === null) return null;
  return (
    <div className="mt-0.5 text-xs [overflow-wrap:anywhere] lg:mt-0">
      <p title={plainText(lastError)} className="line-clamp-2 text-text">
        <SafeText text={causeText(connector)} />
      </p>
      <p className="text-muted">
        {lastErrorHint === null ? null : (
          <>
            <SafeText text={lastErrorHint} />{' '}
          </>
        )}
        {lastErrorAt === null ? null : <Age ns={`${lastErrorAt}000000`} className="text-faint" />}
      </p>
    </div>
  );
}

/** Where the focus goes back to when a panel is closed: the link that is in sight. */
export function connectorLink(name: string): HTMLElement | undefined {
  const links = document.querySelectorAll<HTMLElement>('[data-connector]');
  return [...links].find(
    (link) => link.dataset.connector === name && link.getClientRects().length > 0,
  );
}
