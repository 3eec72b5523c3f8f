/** `connectors`: where alerts are delivered to, how that goes, a test message, and dead letters. */
import type { Command } from 'commander';
import type { ConnectorItem, DeadLetterItem } from '../client/answers.ts';
import { CliError } from '../error.ts';
import { timeOf } from '../print/event.ts';
import { type Io, printJson } from '../print/io.ts';
import { type Column, printTable } from '../print/table.ts';
import { plain } from '../print/text.ts';
import {
  type Cli,
  clientOf,
  type DataOption,
  type Register,
  withData,
  withExample,
  withJson,
} from './context.ts';

type ConnectorOptions = DataOption & { json?: true };

export const addConnectors: Register = (program, cli) => {
  const connectors = program
    .command('connectors')
    .description('list destinations of alerts, test one, and send dead letters again');
  addList(connectors, cli);
  addTest(connectors, cli);
  addDeadLetters(connectors, cli);
  addReplay(connectors, cli);
};

function addList(connectors: Command, { io }: Cli): void {
  const list = connectors
    .command('list')
    .description('list the configured destinations and how delivery goes')
    .action(async (options: ConnectorOptions) => {
      const { items } = await clientOf(options).connectors();
      if (options.json) return printJson(io, items);
      printTable(io, statusColumns, items, 'no connectors are configured in vitrine.yaml');
    });
  withExample(withJson(withData(list)), 'connectors list');
}

function addTest(connectors: Command, cli: Cli): void {
  const { io } = cli;
  const test = connectors
    .command('test')
    .argument('<name>', 'as connectors list shows it')
    .description('send one alert that says it is a test; ends with 1 when it was not taken')
    .action(async (name: string, options: ConnectorOptions) => {
      const report = await clientOf(options).testConnector(name);
      if (!report.ok) cli.exit(1);
      if (options.json) return printJson(io, report);
      for (const { step, ok, ms, detail } of report.steps) {
        io.out(plain(`${step.padEnd(8)}  ${ok ? 'ok    ' : 'failed'}  ${ms} ms  ${detail}`));
      }
      const taken = report.ok ? 'was taken' : 'was not taken';
      io.out(plain(`test alert ${report.alert} ${taken}`));
    });
  withExample(withJson(withData(test)), 'connectors test soc-webhook');
}

function addDeadLetters(connectors: Command, { io }: Cli): void {
  const letters = connectors
    .command('dead-letters')
    .argument('<name>', 'as connectors list shows it')
    .description('list alerts the destination refused for good, oldest first')
    .action(async (name: string, options: ConnectorOptions) => {
      const { items } = await clientOf(options).deadLetters(name);
      if (options.json) return printJson(io, items);
      printTable(io, letterColumns(io), items, 'no dead letters');
    });
  withExample(withJson(withData(letters)), 'connectors dead-letters soc-webhook');
}

function addReplay(connectors: Command, { io }: Cli): void {
  const replay = connectors
    .command('replay')
    .argument('<name>', 'as connectors list shows it')
    .argument('[alert...]', 'ids of the alerts to send again')
    .option('--all', 'all of them')
    .description('send dead letters again under their old ids')
    .action(async (name: string, ids: string[], options: ConnectorOptions & { all?: true }) => {
      if ((ids.length === 0) !== (options.all === true)) {
        throw new CliError('USAGE', 'replay needs ids of alerts or --all, one of them');
      }
      const answer = await clientOf(options).replay(name, options.all ? 'all' : ids);
      if (options.json) return printJson(io, answer);
      io.out(`${answer.queued} queued`);
      for (const id of answer.missing) io.err(plain(`no dead letter: ${id}`));
    });
  withExample(withJson(withData(replay)), 'connectors replay soc-webhook --all');
}

const statusColumns: Column<ConnectorItem>[] = [
  { name: 'name', cell: (c) => c.name },
  { name: 'type', cell: (c) => c.type },
  { name: 'state', cell: (c) => c.state },
  { name: 'waiting', cell: (c) => String(c.lag), right: true },
  { name: 'delivered', cell: (c) => String(c.delivered), right: true },
  { name: 'failed', cell: (c) => String(c.failed), right: true },
  { name: 'dead', cell: (c) => String(c.dead), right: true },
  { name: 'last error', cell: (c) => c.lastError ?? '-' },
];

function letterColumns(io: Io): Column<DeadLetterItem>[] {
  const time = timeOf(io);
  return [
    { name: 'alert', cell: (l) => l.id },
    { name: 'time', cell: (l) => time(l.at) },
    { name: 'leaf', cell: (l) => String(l.index), right: true },
    { name: 'rule', cell: (l) => l.rule },
    { name: 'session', cell: (l) => l.session, max: 28 },
    { name: 'attempts', cell: (l) => String(l.attempts), right: true },
    { name: 'reason', cell: (l) => l.reason },
  ];
}
