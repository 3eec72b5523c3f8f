/** `connectors`: where alerts are delivered to, how that goes, and what a person does about it. */
import type { Command } from 'commander';
import type { Chosen } from '../client/delivery-desk.ts';
import { CliError } from '../error.ts';
import {
  printConnectors,
  printDryRun,
  printLetters,
  printStep,
  verdictOf,
} from '../print/connector.ts';
import { printJson } from '../print/io.ts';
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

interface ConnectorOptions extends DataOption {
  json?: true;
}

interface ChosenOptions extends ConnectorOptions {
  all?: true;
  range?: { from: number; to: number };
  reason?: string;
}

const NAME = 'as connectors list shows it';
const WHY = 'why; it goes into the log';

export const addConnectors: Register = (program, cli) => {
  const connectors = program
    .command('connectors')
    .description('list destinations of alerts, test, pause and resume one, see to dead letters');
  addList(connectors, cli);
  addTest(connectors, cli);
  addPause(connectors, cli);
  addResume(connectors, cli);
  addDeadLetters(connectors, cli);
  addReplay(connectors, cli);
};

function addList(connectors: Command, { io }: Cli): void {
  const list = connectors
    .command('list')
    .description('list the configured destinations and how delivery goes')
    .action(async (options: ConnectorOptions) => {
      const items = await clientOf(options).delivery.connectors();
      if (options.json) return printJson(io, items);
      printConnectors(io, items);
    });
  withExample(withJson(withData(list)), 'connectors list');
}

function addTest(connectors: Command, cli: Cli): void {
  const test = connectors
    .command('test')
    .argument('<name>', NAME)
    .option('--dry-run', 'show what would be sent, secrets redacted, and connect to nobody')
    .description('send one alert that says it is a test; ends with 1 when it was not taken')
    .action((name: string, options: ConnectorOptions & { dryRun?: true }) =>
      options.dryRun ? showTest(cli, name, options) : runTest(cli, name, options),
    );
  withExample(
    withJson(withData(test)),
    'connectors test soc-webhook',
    'connectors test soc-webhook --dry-run',
  );
}

async function runTest(cli: Cli, name: string, options: ConnectorOptions): Promise<void> {
  const { io } = cli;
  const report = await clientOf(options).delivery.test(name, (step) => {
    if (!options.json) printStep(io, step);
  });
  if (!report.ok) cli.exit(1);
  if (options.json) printJson(io, report);
  else io.out(plain(verdictOf(report)));
}

async function showTest(cli: Cli, name: string, options: ConnectorOptions): Promise<void> {
  const { io } = cli;
  const shown = await clientOf(options).delivery.dryRun(name);
  if (!shown.ok) cli.exit(1);
  if (options.json) return printJson(io, shown);
  printDryRun(io, shown);
  if (shown.problem !== null) io.err(plain(`error ${shown.problem}`));
}

function addPause(connectors: Command, { io }: Cli): void {
  const pause = connectors
    .command('pause')
    .argument('<name>', NAME)
    .requiredOption('--reason <text>', WHY)
    .description('send nothing until it is resumed, restarts included; nothing is lost')
    .action(async (name: string, options: ConnectorOptions & { reason: string }) => {
      const status = await clientOf(options).delivery.pause(name, options.reason);
      if (options.json) return printJson(io, status);
      io.out(plain(`${name} is paused: ${status.pausedReason}`));
    });
  withExample(
    withJson(withData(pause)),
    'connectors pause soc-webhook --reason "the SIEM is being moved"',
  );
}

function addResume(connectors: Command, { io }: Cli): void {
  const resume = connectors
    .command('resume')
    .argument('<name>', NAME)
    .option('--reason <text>', WHY)
    .description('go on after a pause of any kind')
    .action(async (name: string, options: ConnectorOptions & { reason?: string }) => {
      const status = await clientOf(options).delivery.resume(name, options.reason);
      if (options.json) return printJson(io, status);
      io.out(plain(`${name} goes on: ${status.lag} waiting`));
    });
  withExample(withJson(withData(resume)), 'connectors resume soc-webhook');
}

function addDeadLetters(connectors: Command, cli: Cli): void {
  const { io } = cli;
  const letters = connectors
    .command('dead-letters')
    .argument('<name>', NAME)
    .description('list alerts the destination refused for good, oldest first')
    .action(async (name: string, options: ConnectorOptions) => {
      const items = await clientOf(options).delivery.deadLetters(name);
      if (options.json) return printJson(io, items);
      printLetters(io, items);
    });
  withExample(
    withJson(withData(letters)),
    'connectors dead-letters soc-webhook',
    'connectors dead-letters drop soc-webhook ALERT --reason "told by telephone"',
  );
  addDrop(letters, cli);
}

function addDrop(letters: Command, cli: Cli): void {
  const { io } = cli;
  const drop = letters
    .command('drop')
    .argument('<name>', NAME)
    .argument('[alert...]', 'ids of the alerts to let go')
    .option('--all', 'all of them')
    .requiredOption('--reason <text>', WHY)
    .description('let dead letters go for good; the alerts stay in the log')
    .action(async (name: string, ids: string[], options: ChosenOptions & { reason: string }) => {
      if ((ids.length === 0) !== (options.all === true)) {
        throw new CliError('USAGE', 'drop needs ids of alerts or --all, one of them');
      }
      const chosen = options.all ? 'all' : ids;
      const answer = await clientOf(options).delivery.drop(name, chosen, options.reason);
      if (answer.missing.length > 0) cli.exit(1);
      if (options.json) return printJson(io, answer);
      io.out(`${answer.dropped} dropped`);
      for (const id of answer.missing) io.err(plain(`no dead letter: ${id}`));
    });
  withExample(
    withJson(withData(drop)),
    'connectors dead-letters drop soc-webhook ALERT --reason "told by telephone"',
  );
}

function addReplay(connectors: Command, cli: Cli): void {
  const { io } = cli;
  const replay = connectors
    .command('replay')
    .argument('<name>', NAME)
    .argument('[alert...]', 'ids of the alerts to send again')
    .option('--all', 'all of them')
    .option('--range <from..to>', 'those of leaves from one to another', leafRange)
    .option('--reason <text>', WHY)
    .description('send dead letters again under their old ids')
    .action(async (name: string, ids: string[], options: ChosenOptions) => {
      const chosen = chosenOf(ids, options);
      const answer = await clientOf(options).delivery.replay(name, chosen, options.reason);
      if (answer.missing.length > 0) cli.exit(1);
      if (options.json) return printJson(io, answer);
      io.out(`${answer.queued} queued`);
      for (const id of answer.missing) io.err(plain(`no dead letter: ${id}`));
    });
  withExample(
    withJson(withData(replay)),
    'connectors replay soc-webhook --all',
    'connectors replay soc-webhook --range 1200..1300 --reason "the index is back"',
  );
}

function chosenOf(ids: string[], { all, range }: ChosenOptions): Chosen {
  const given = [ids.length > 0, all === true, range !== undefined].filter(Boolean);
  if (given.length !== 1) {
    throw new CliError('USAGE', 'replay needs ids of alerts, --all or --range, one of them');
  }
  if (range !== undefined) return { range };
  return { ids: all ? 'all' : ids };
}

function leafRange(text: string): { from: number; to: number } {
  const [, first, last] = /^(\d{1,15})\.\.(\d{1,15})$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (from <= to) return { from, to };
  throw new CliError('USAGE', '--range must be two leaf indices in order, such as 1200..1300');
}
