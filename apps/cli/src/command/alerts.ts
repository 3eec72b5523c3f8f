/** `alerts`: which rules fired, on which session, from which vantage. */
import type { EventItem, EventQuery } from '../client/answers.ts';
import { Client } from '../client/client.ts';
import { linkBase } from '../dashboard/whereabouts.ts';
import { printAlert } from '../print/alert.ts';
import { alertColumns, printRow, textAt } from '../print/event.ts';
import { printJsonLine } from '../print/io.ts';
import { printTable } from '../print/table.ts';
import { type Register, systemOf, withData, withExample, withJson } from './context.ts';
import { follow, type ListOptions, newest, printItems } from './events.ts';
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
      const { items, size } = await newest((page) => client.alerts(page), query, options.limit);
      const columns = alertColumns(io);
      if (options.json) printItems(io, items, options.follow === true);
      else if (options.long) for (const item of items) printAlert(io, item, dashboard);
      else printTable(io, columns, items, options.follow ? 'waiting for alerts' : 'no alerts');
      if (!options.follow) return;
      const tailed = { session: 'log', kind: 'alert', after: size - 1 };
      await follow(client, tailed, (item) => {
        if (!isAbout(item, session)) return;
        if (options.json) printJsonLine(io, item);
        else if (options.long) printAlert(io, item, dashboard);
        else printRow(io, columns, item);
      });
    });
  withExample(withJson(withData(command)), 'alerts --session SESSION --long', 'alerts --follow');
};

function isAbout(item: EventItem, session: string | undefined): boolean {
  return session === undefined || textAt(item, 'subject') === session;
}
