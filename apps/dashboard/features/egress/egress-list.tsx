/** Hosts and functions as a table or, on a narrow page, as cards. */
import type { EgressItem } from '@vitrine/schema/api';
import { fieldTerm } from '@vitrine/schema/query';
import { plainText } from '@vitrine/schema/text';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { Badge } from '../../ui/badge.tsx';
import { Box } from '../../ui/box.tsx';
import { Count, countText, NameList } from '../../ui/looked.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { Cell, type Column, Heads, Row, Table } from '../../ui/table.tsx';
import { Age } from '../../ui/time.tsx';
import { VantageMark } from '../../ui/vantage-mark.tsx';
import { byteText } from './words.ts';

interface EgressListProps {
  session: string;
  items: EgressItem[];
}

const HEADS: Column[] = [
  ['Seen by', 'w-[100px]'],
  ['Host', ''],
  ['Function', 'w-[13%]'],
  ['Requests', 'w-[76px]', 'end'],
  ['Tunnels', 'w-[92px]', 'end'],
  ['Connects', 'w-[76px]', 'end'],
  ['Sent', 'w-[76px]', 'end'],
  ['Received', 'w-[80px]', 'end'],
  ['Answers', 'w-[8%]'],
  ['Credentials', 'w-[15%]'],
  ['Last', 'w-[84px]', 'end'],
];

export function EgressList(props: EgressListProps): ReactNode {
  return (
    <>
      <Box className="hidden lg:block">
        <Table label="Egress" className="table-fixed">
          <Heads columns={HEADS} />
          <tbody>
            {props.items.map((item) => (
              <EgressRow key={keyOf(item)} session={props.session} item={item} />
            ))}
          </tbody>
        </Table>
      </Box>
      <Box className="lg:hidden">
        <ul aria-label="Egress">
          {props.items.map((item) => (
            <EgressCard key={keyOf(item)} session={props.session} item={item} />
          ))}
        </ul>
      </Box>
    </>
  );
}

interface ItemProps {
  session: string;
  item: EgressItem;
}

function EgressRow({ session, item }: ItemProps): ReactNode {
  return (
    <Row>
      <Cell>
        <VantageMark vantage={item.vantage} />
      </Cell>
      <Cell>
        <Host session={session} item={item} />
      </Cell>
      <Cell className="break-all text-muted">
        {item.function === '' ? <Nothing /> : <SafeText text={item.function} />}
      </Cell>
      <Cell className="text-right">
        <Count of={item.requests} />
        <Refused item={item} />
      </Cell>
      <Cell className="text-right">
        <Count of={item.tunnels} />
        <Unseen item={item} />
      </Cell>
      <Cell className="text-right">
        <Count of={item.connects} />
      </Cell>
      <Cell className="text-right">{byteText(item.bytes_up)}</Cell>
      <Cell className="text-right">
        {byteText(item.bytes_down)}
        {item.uncounted === 0 ? null : <p className="text-xs text-medium">and uncounted</p>}
      </Cell>
      <Cell className="text-xs text-muted">
        <Answers item={item} />
      </Cell>
      <Cell className="text-xs">
        <Credentials item={item} />
      </Cell>
      <Cell className="text-right whitespace-nowrap text-muted">
        <LastSeen session={session} item={item} />
      </Cell>
    </Row>
  );
}

function EgressCard({ session, item }: ItemProps): ReactNode {
  const counts: [name: string, count: number][] = [
    ['requests', item.requests],
    ['tunnels', item.tunnels],
    ['connects', item.connects],
  ];
  return (
    <li className="border-b border-line px-3 py-2 last:border-b-0">
      <Host session={session} item={item} />
      {item.function === '' ? null : (
        <p className="text-xs break-all text-muted">
          <SafeText text={item.function} />
        </p>
      )}
      <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
        <VantageMark vantage={item.vantage} />
        {counts
          .filter(([, count]) => count > 0)
          .map(([name, count]) => (
            <span key={name}>
              {countText(count)} {name}
            </span>
          ))}
        <Refused item={item} />
        <Unseen item={item} />
        <span>
          {byteText(item.bytes_up)} sent, {byteText(item.bytes_down)} received
        </span>
        {item.statuses.length === 0 ? null : <Answers item={item} />}
        <LastSeen session={session} item={item} />
      </p>
      {hasCredentials(item) ? (
        <div className="mt-1 text-xs">
          <Credentials item={item} />
        </div>
      ) : null}
    </li>
  );
}

/** Leads to the events of this host in the timeline. */
function Host({ session, item: { host, vantage } }: ItemProps): ReactNode {
  if (host === '') return <span className="text-faint">(no host was told)</span>;
  // The kernel tells an address and its port: the field has the address alone.
  const name = host.replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1');
  const q = name === host ? fieldTerm('host', host) : fieldTerm('ip', name);
  const state = { q, vantage: vantage === '' ? [] : [vantage] };
  return (
    <Link
      href={paths.session(session, state)}
      title={plainText(host)}
      className="line-clamp-2 font-mono text-xs break-all hover:underline"
    >
      <SafeText text={host} />
    </Link>
  );
}

function Refused({ item: { denied, errors } }: { item: EgressItem }): ReactNode {
  return (
    <>
      {denied === 0 ? null : <p className="text-xs text-high">{countText(denied)} refused</p>}
      {errors === 0 ? null : <p className="text-xs text-medium">{countText(errors)} failed</p>}
    </>
  );
}

function Unseen({ item: { not_intercepted: unseen } }: { item: EgressItem }): ReactNode {
  if (unseen === 0) return null;
  return (
    <p className="text-xs text-medium" title="The proxy saw bytes and no requests">
      {countText(unseen)} not intercepted
    </p>
  );
}

function Answers({ item: { statuses } }: { item: EgressItem }): ReactNode {
  if (statuses.length === 0) return <Nothing />;
  return (
    <span>
      {statuses.map(({ status, requests }) => `${status} × ${countText(requests)}`).join(', ')}
    </span>
  );
}

function hasCredentials({ fingerprints }: EgressItem): boolean {
  const { foreign, provisioned, unknown } = fingerprints;
  return foreign.of + provisioned.of + unknown.of > 0;
}

/** A foreign credential first, as a shape and a word. */
function Credentials({ item }: { item: EgressItem }): ReactNode {
  const { foreign, provisioned, unknown } = item.fingerprints;
  if (!hasCredentials(item)) return <Nothing />;
  return (
    <>
      {foreign.of === 0 ? null : (
        <p>
          <Badge tone="critical" className="mr-1">
            ▲ foreign
          </Badge>
          <span className="font-mono break-all">
            <NameList {...foreign} />
          </span>{' '}
          in {countText(item.foreign_requests)} requests
        </p>
      )}
      {provisioned.of === 0 ? null : (
        <p>
          <Badge className="mr-1">provisioned</Badge>
          <span className="font-mono break-all text-muted">
            <NameList {...provisioned} />
          </span>
        </p>
      )}
      {unknown.of === 0 ? null : (
        <p title="Nobody said which credentials this session was given">
          <Badge className="mr-1">nobody knows</Badge>
          <span className="font-mono break-all text-muted">
            <NameList {...unknown} />
          </span>
        </p>
      )}
    </>
  );
}

function LastSeen({ session, item }: ItemProps): ReactNode {
  return (
    <Link href={paths.session(session, { e: item.last })} className="hover:underline">
      <Age ns={item.last_t} />
    </Link>
  );
}

function Nothing(): ReactNode {
  return <span className="text-faint">–</span>;
}

function keyOf({ vantage, host, function: name }: EgressItem): string {
  return JSON.stringify([vantage, host, name]);
}
