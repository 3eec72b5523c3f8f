/** `connectors`: where alerts are delivered to, how that goes, and a test message. */
import { type JsonObject, readPath } from '@vitrine/schema';
import { printJson } from '../print/io.ts';
import { type Column, printTable } from '../print/table.ts';
import { plain } from '../print/text.ts';
import {
  clientOf,
  type DataOption,
  type Register,
  withData,
  withExample,
  withJson,
} from './context.ts';

export const addConnectors: Register = (program, cli) => {
  const { io } = cli;
  const connectors = program
    .command('connectors')
    .description('list destinations of alerts, and test one');

  const list = connectors
    .command('list')
    .description('list the configured destinations and how delivery goes')
    .action(async (options: DataOption & { json?: true }) => {
      const { items } = await clientOf(options).connectors();
      if (options.json) return printJson(io, items);
      printTable(io, columnsOf(items), items, 'no connectors are configured in vitrine.yaml');
    });
  withExample(withJson(withData(list)), 'connectors list');

  const test = connectors
    .command('test')
    .argument('<name>', 'as connectors list shows it')
    .description('send a test alert and show what the destination answered')
    .action(async (name: string, options: DataOption & { json?: true }) => {
      const answer = await clientOf(options).testConnector(name);
      if (answer.ok === false) cli.exit(1);
      if (options.json) return printJson(io, answer);
      for (const [member, value] of Object.entries(answer)) {
        io.out(`${member}: ${plain(textOf(value))}`);
      }
    });
  withExample(withJson(withData(test)), 'connectors test soc-webhook');
};

/** A status has what its connector reports; every plain member becomes a column. */
function columnsOf(items: JsonObject[]): Column<JsonObject>[] {
  const names = new Set(items.flatMap((item) => Object.keys(item)));
  return [...names].map((name) => ({
    name,
    cell: (item) => textOf(readPath(item, name)),
  }));
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '-';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
