/** `sessions`: what was and is in the log, newest first. */
import type { SessionItem } from '../client/answers.ts';
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
import { wholeNumber } from './options.ts';

interface SessionsOptions extends DataOption {
  json?: true;
  limit: number;
  host?: string;
  pid?: number;
  edr?: string;
}

export const addSessions: Register = (program, { io }) => {
  const command = program
    .command('sessions')
    .description(
      'list sessions, newest first; --host, --pid and --edr find the one an EDR asks about',
    )
    .option('--limit <n>', 'how many', wholeNumber('--limit', 1, 1_000), 50)
    .option('--host <name>', 'only sandboxes on this host')
    .option(
      '--pid <pid>',
      'only the sandbox of this host process',
      wholeNumber('--pid', 1, 2 ** 22),
    )
    .option('--edr <id>', 'only sandboxes on the host that its EDR calls this')
    .action(async (options: SessionsOptions) => {
      const { limit, host, pid, edr } = options;
      const page = await clientOf(options).sessions({
        limit,
        ...(host === undefined ? {} : { host }),
        ...(pid === undefined ? {} : { pid }),
        ...(edr === undefined ? {} : { edr }),
      });
      if (options.json) return printJson(io, page.items);
      printTable(io, columnsFor(io), page.items, 'no sessions yet');
      if (page.cursor !== null && io.tty) io.err(`the newest ${limit}; --limit N shows more`);
    });
  withExample(
    withJson(withData(command)),
    'sessions --limit 10',
    'sessions --host build-7 --pid 4711',
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
