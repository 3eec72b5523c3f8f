/** `alerts`: which rules fired, on which session, from which vantage. */
import type { EventQuery } from '../client/answers.ts';
import { Client } from '../client/client.ts';
import { linkBase } from '../dashboard/whereabouts.ts';
import { printAlert } from '../print/alert.ts';
import { alertColumns, printRow } from '../print/event.ts';
import { printJsonLine } from '../print/io.ts';
import { printTable } from '../print/table.ts';
import { type Register, systemOf, withData, withExample, withFormat, withJson } from './context.ts';
import { follow, type ListOptions, newest, printForeign, printItems } from './events.ts';
import { wholeNumber } from './options.ts';

interface AlertsOptions extends ListOptions {
  long?: true;
}

export const addAlerts: Register = (program, { io }) => {
  const command = program
    .command('alerts')
    .description('list alerts, oldest first')
    .option('--session <id>', 'only alerts about this session')
    .option('--limit <n>', 'the newest n', wholeNumber('--limit', 1, 100_000), 50)
    .option('--long', 'each alert with what happened, what to do and its evidence')
    .option('--follow', 'go on with new alerts until Ctrl-C')
    .action(async (options: AlertsOptions) => {
      const system = systemOf(options);
      const client = new Client(system);
      const { session } = options;
      const dashboard = linkBase(system);
      const query: EventQuery = session === undefined ? {} : { session };
      const about = session === undefined ? {} : { subject: session };
      const tailed: EventQuery = { session: 'log', kind: 'alert', ...about };
      if (options.format !== undefined) {
        const format = options.format;
        const read = (page: EventQuery) => client.alertsAs(format, page);
        await printForeign(io, client, { ...options, format }, { read, query, tailed });
        return;
      }
      const { items, size } = await newest((page) => client.alerts(page), query, options.limit);
      const columns = alertColumns(io);
      if (options.json) printItems(io, items, options.follow === true);
      else if (options.long) for (const item of items) printAlert(io, item, dashboard);
      else printTable(io, columns, items, options.follow ? 'waiting for alerts' : 'no alerts');
      if (!options.follow) return;
      await follow(client, { ...tailed, after: size - 1 }, (item) => {
        if (options.json) printJsonLine(io, item);
        else if (options.long) printAlert(io, item, dashboard);
        else printRow(io, columns, item);
      });
    });
  withExample(
    withFormat(withJson(withData(command))),
    'alerts --session SESSION --long',
    'alerts --follow',
    'alerts --follow --format cef',
  );
};
