/** `egress`: what left the sandboxes, by host and function. */
import { API_PAGE_DEFAULT, API_PAGE_MAX, VANTAGES } from '@vitrine/schema';
import type { EgressAnswer, EgressItem } from '@vitrine/schema/api';
import { type Io, printJson } from '../print/io.ts';
import { type Column, printTable } from '../print/table.ts';
import { byteCount, grouped } from '../print/text.ts';
import {
  clientOf,
  type DataOption,
  type Register,
  withData,
  withExample,
  withJson,
} from './context.ts';
import { lengthOfTime, oneOf, wholeNumber } from './options.ts';
import { SEEN_FROM, sayCut, shortened, sinceOf } from './views.ts';

interface EgressOptions extends DataOption {
  json?: true;
  session?: string;
  host?: string;
  vantage?: string;
  since?: bigint;
  limit: number;
}

const HOST_CHARS = 44;

export const addEgress: Register = (program, { io }) => {
  const command = program
    .command('egress')
    .description('list what left the sandboxes, by host and function, foreign keys first')
    .option('--session <id>', 'only what left this session')
    .option('--host <text>', 'only hosts with this text in them')
    .option('--vantage <name>', SEEN_FROM, oneOf('--vantage', VANTAGES))
    .option('--since <time>', 'only the last 30m, 24h, 7d', lengthOfTime('--since'))
    .option('--limit <n>', 'how many', wholeNumber('--limit', 1, API_PAGE_MAX), API_PAGE_DEFAULT)
    .action(async (options: EgressOptions) => {
      const { session, host, vantage, since, limit } = options;
      const narrowed = { host, vantage, limit, ...sinceOf(since) };
      const query = session === undefined ? narrowed : { ...narrowed, session };
      const found = await clientOf(options).view<EgressAnswer>('egress', query);
      if (options.json) return printJson(io, found);
      printTable(io, columnsFor(io), found.items, 'nothing left, as far as anybody saw');
      sayCut(io, found.items.length, found.of, found.looked, 'hosts and functions');
    });
  withExample(
    withJson(withData(command)),
    'egress --session SESSION',
    'egress --since 24h --host example.com',
  );
};

function columnsFor(io: Io): Column<EgressItem>[] {
  const bytes = (n: number): string => (io.tty ? byteCount(n) : String(n));
  const count = (name: string, of: (item: EgressItem) => number): Column<EgressItem> => {
    return { name, cell: (item) => grouped(of(item)), right: true };
  };
  return [
    { name: 'vantage', cell: (item) => item.vantage || '-' },
    { name: 'host', cell: ({ host }) => (io.tty ? shortened(host, HOST_CHARS) : host) || '-' },
    { name: 'function', cell: (item) => item.function || '-', max: 32 },
    count('requests', (item) => item.requests),
    count('tunnels', (item) => item.tunnels),
    count('unseen', (item) => item.not_intercepted),
    count('connects', (item) => item.connects),
    count('denied', (item) => item.denied),
    { name: 'up', cell: (item) => bytes(item.bytes_up), right: true },
    { name: 'down', cell: (item) => bytes(item.bytes_down), right: true },
    { name: 'answers', cell: statusText, max: 28 },
    { name: 'keys', cell: keyText },
  ];
}

function statusText({ statuses }: EgressItem): string {
  return statuses.map(({ status, requests }) => `${status}×${requests}`).join(' ') || '-';
}

/** A foreign key first: it is what one looks for. */
function keyText({ fingerprints: { foreign, provisioned, unknown } }: EgressItem): string {
  const said = [
    foreign.of > 0 ? `${foreign.of} FOREIGN (${foreign.names.join(' ')})` : '',
    provisioned.of > 0 ? `${provisioned.of} provisioned` : '',
    unknown.of > 0 ? `${unknown.of} of a session that names none` : '',
  ];
  return said.filter((text) => text !== '').join(', ') || '-';
}
