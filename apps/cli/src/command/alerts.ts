/** `alerts`: which rules fired, on which session, from which vantage. */
import { ALERT_STATES, API_PAGE_MAX } from '@vitrine/schema';
import type { AlertItem, EventItem, IncidentItem } from '@vitrine/schema/api';
import { SEVERITY_WORDS } from '@vitrine/schema/query';
import { Client } from '../client/client.ts';
import type { EventQuery } from '../client/queries.ts';
import { linkBase } from '../dashboard/whereabouts.ts';
import { CliError } from '../error.ts';
import { printAlert } from '../print/alert.ts';
import { alertColumns, printRow } from '../print/event.ts';
import { incidentColumns, printStory, standing } from '../print/incident.ts';
import { printJson, printJsonLine } from '../print/io.ts';
import { type Column, printTable } from '../print/table.ts';
import { addAlertActs } from './alert-acts.ts';
import {
  type Cli,
  clientOf,
  type Register,
  systemOf,
  withData,
  withExample,
  withFormat,
  withJson,
} from './context.ts';
import { follow, type ListOptions, newest, printForeign, printItems } from './events.ts';
import { lengthOfTime, wholeNumber } from './options.ts';
import { queriedSince } from './views.ts';

interface AlertsOptions extends ListOptions, AlertFilters {
  long?: true;
  incidents?: true;
}

interface AlertFilters {
  state?: string;
  severity?: string;
  rule?: string;
  assignee?: string;
}

export const addAlerts: Register = (program, cli) => {
  const command = program
    .command('alerts')
    .description('list alerts, oldest first, and say what becomes of them')
    .option('--session <id>', 'only alerts about this session')
    .option('--state <states>', `only these: ${ALERT_STATES.join(', ')}; separated by commas`)
    .option('--severity <names>', `only these: ${SEVERITY_WORDS.join(', ')}; separated by commas`)
    .option('--rule <id>', 'only alerts of this rule')
    .option('--assignee <name>', 'only what this person has; - for nobody')
    .option('--incidents', 'taken together by session; with --session, its story')
    .option('--since <time>', 'only the last 30m, 24h, 7d', lengthOfTime('--since'))
    .option('--limit <n>', 'the newest n', wholeNumber('--limit', 1, 100_000), 50)
    .option('--long', 'each alert with what happened, what to do and its evidence')
    .option('--follow', 'go on with new alerts until Ctrl-C')
    .action((options: AlertsOptions) =>
      options.incidents ? listIncidents(cli, options) : listAlerts(cli, options),
    );
  withExample(
    withFormat(withJson(withData(command))),
    'alerts --state open --severity critical,high',
    'alerts --session SESSION --long',
    'alerts --incidents --state open',
    'alerts --follow --format cef',
    'alerts ack ALERT --assign "Ada Lovelace"',
  );
  addAlertActs(command, cli);
};

async function listAlerts({ io }: Cli, options: AlertsOptions): Promise<void> {
  const system = systemOf(options);
  const client = new Client(system);
  const { session } = options;
  const dashboard = linkBase(system);
  const query: EventQuery = {
    ...(session === undefined ? {} : { session }),
    ...filtersOf(options),
    ...queriedSince(undefined, options.since),
  };
  const about = session === undefined ? {} : { subject: session };
  const tailed: EventQuery = { session: 'log', kind: 'alert', ...about };
  if (options.follow && Object.keys(filtersOf(options)).length > 0) {
    const message = '--follow shows every new alert: leave out --state, --severity and the like';
    throw new CliError('USAGE', message);
  }
  if (options.format !== undefined) {
    const format = options.format;
    const read = (page: EventQuery) => client.desk.alertsAs(format, page);
    await printForeign(io, client, { ...options, format }, { read, query, tailed });
    return;
  }
  const { items, size } = await newest((page) => client.desk.alerts(page), query, options.limit);
  const columns = alertColumns(io);
  if (options.json) printItems(io, items, options.follow === true);
  else if (options.long) for (const item of items) printAlert(io, item, dashboard, standing(item));
  else
    printTable(
      io,
      withStanding(columns),
      items,
      options.follow ? 'waiting for alerts' : 'no alerts',
    );
  if (!options.follow) return;
  await follow(client, { ...tailed, after: size - 1 }, (item) => {
    if (options.json) printJsonLine(io, item);
    else if (options.long) printAlert(io, item, dashboard);
    else printRow(io, columns, item);
  });
}

function filtersOf({ state, severity, rule, assignee }: AlertFilters): EventQuery {
  return {
    ...(state === undefined ? {} : { state }),
    ...(severity === undefined ? {} : { severity }),
    ...(rule === undefined ? {} : { rule }),
    ...(assignee === undefined ? {} : { assignee }),
  };
}

/** Where each stands, in front of its title. */
function withStanding(columns: Column<EventItem>[]): Column<AlertItem>[] {
  const more: Column<AlertItem>[] = [
    { name: 'state', cell: ({ triage }) => triage.verdict ?? triage.state },
    { name: 'assignee', cell: ({ triage }) => triage.assignee ?? '-', max: 20 },
  ];
  return [...columns.slice(0, -1), ...more, ...columns.slice(-1)];
}

/** A story, or the incidents page by page up to the limit. */
async function listIncidents({ io }: Cli, options: AlertsOptions): Promise<void> {
  const { desk } = clientOf(options);
  const { session, state, severity, rule, assignee, since, follow: goesOn, format } = options;
  if ([rule, assignee, since, goesOn, format].some((option) => option !== undefined)) {
    const message = '--incidents goes with --session, --state, --severity, --limit and --json';
    throw new CliError('USAGE', message);
  }
  if (session !== undefined) {
    const story = await desk.incident(session);
    if (options.json) return printJson(io, story);
    return printStory(io, story);
  }
  const items: IncidentItem[] = [];
  let after: number | undefined;
  while (items.length < options.limit) {
    const page = await desk.incidents({
      limit: Math.min(options.limit - items.length, API_PAGE_MAX),
      ...(state === undefined ? {} : { state }),
      ...(severity === undefined ? {} : { severity }),
      ...(after === undefined ? {} : { after }),
    });
    items.push(...page.items);
    if (typeof page.cursor !== 'number') break;
    after = page.cursor;
  }
  if (options.json) printJson(io, items);
  else printTable(io, incidentColumns(io), items, 'no incidents');
}
