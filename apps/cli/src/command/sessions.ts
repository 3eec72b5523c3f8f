/** `sessions`: what was and is in the log, newest first. */
import type { SessionItem } from '@vitrine/schema/api';
import { timeOf } from '../print/event.ts';
import { type Io, printJson } from '../print/io.ts';
import { type Column, printTable } from '../print/table.ts';
import {
  clientOf,
  type DataOption,
  type Register,
  withData,
  withExample,
  withJson,
} from './context.ts';
import { moment, wholeNumber } from './options.ts';

interface SessionsOptions extends DataOption {
  json?: true;
  limit: number;
  host?: string;
  pid?: number;
  at?: string;
  edrDevice?: string;
}

export const addSessions: Register = (program, { io }) => {
  const command = program
    .command('sessions')
    .description(
      'list sessions, newest first; also by what an EDR knows: host, pid, time, its own device id',
    )
    .option('--limit <n>', 'how many', wholeNumber('--limit', 1, 1_000), 50)
    .option('--host <name>', 'only sandboxes on this host')
    .option(
      '--pid <pid>',
      'only the sandbox of this host process',
      wholeNumber('--pid', 1, 2 ** 22),
    )
    .option(
      '--at <time>',
      'only sandboxes that were there then: a pid is used again',
      moment('--at'),
    )
    .option('--edr-device <id>', 'only sandboxes on the host that its EDR calls this')
    .action(async (options: SessionsOptions) => {
      const { limit, host, pid, at, edrDevice } = options;
      const page = await clientOf(options).sessions({
        limit,
        ...(host === undefined ? {} : { host }),
        ...(pid === undefined ? {} : { pid }),
        ...(at === undefined ? {} : { at }),
        ...(edrDevice === undefined ? {} : { edr_device: edrDevice }),
      });
      if (options.json) return printJson(io, page.items);
      printTable(io, columnsFor(io), page.items, 'no sessions yet');
      if (page.cursor !== null && io.tty) io.err(`the newest ${limit}; --limit N shows more`);
    });
  withExample(
    withJson(withData(command)),
    'sessions --limit 10',
    'sessions --host build-7 --pid 4711 --at 2026-11-28T14:03:00Z',
    'sessions --edr-device 0f3c9a7e',
  );
};

function columnsFor(io: Io): Column<SessionItem>[] {
  const time = timeOf(io);
  return [
    { name: 'session', cell: (s) => s.session },
    { name: 'state', cell: (s) => s.state },
    { name: 'opened', cell: (s) => time(s.opened) },
    { name: 'events', cell: (s) => String(s.events), right: true },
    { name: 'alerts', cell: (s) => String(s.alerts), right: true },
    { name: 'vantages', cell: (s) => s.vantages.join(' ') || '-' },
    { name: 'user', cell: (s) => s.user ?? '-', max: 20 },
    { name: 'host', cell: (s) => s.host?.name ?? '-', max: 24 },
    { name: 'pid', cell: (s) => (s.pid === null ? '-' : String(s.pid)) },
  ];
}
