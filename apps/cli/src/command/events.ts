/** `events`: the timeline of one session or of the whole log, once or as it grows. */
import { API_PAGE_MAX, QueryError, VANTAGES } from '@vitrine/schema';
import type { EventItem, ForeignItem, Page } from '@vitrine/schema/api';
import type { Dialect } from '@vitrine/schema/normalise';
import { parseQuery } from '@vitrine/schema/query';
import type { Client } from '../client/client.ts';
import type { EventQuery } from '../client/queries.ts';
import { eventColumns, printRow } from '../print/event.ts';
import { type Io, printForeignLine, printJson, printJsonLine } from '../print/io.ts';
import { printTable } from '../print/table.ts';
import { plain } from '../print/text.ts';
import { onInterrupt } from '../system/interrupt.ts';
import {
  clientOf,
  type DataOption,
  type Register,
  withData,
  withExample,
  withFormat,
  withJson,
} from './context.ts';
import { lengthOfTime, oneOf, wholeNumber } from './options.ts';
import { queriedSince } from './views.ts';

export interface ListOptions extends DataOption {
  json?: true;
  limit: number;
  follow?: true;
  session?: string;
  since?: bigint;
  format?: Dialect;
}

interface EventsOptions extends ListOptions {
  kind?: string;
  vantage?: string;
}

export const addEvents: Register = (program, { io }) => {
  const command = program
    .command('events')
    .description('list events, oldest first; QUERY as in docs/reference/query.md')
    .argument('[query]', 'words, field:value, ranges, AND, OR, NOT; in one pair of quotes')
    .option('--session <id>', 'only this session')
    .option('--kind <kinds>', 'only these kinds, separated by commas')
    .option('--vantage <name>', `only what was seen from: ${VANTAGES.join(', ')}`, vantage)
    .option('--since <time>', 'only the last 30m, 24h, 7d', lengthOfTime('--since'))
    .option('--limit <n>', 'the newest n', wholeNumber('--limit', 1, 1_000_000), 50)
    .option('--follow', 'go on with new events until Ctrl-C')
    .action(async (q: string | undefined, options: EventsOptions) => {
      checkQuery(io, q ?? '');
      const query: EventQuery = {
        ...queriedSince(q, options.since),
        ...(options.session === undefined ? {} : { session: options.session }),
        ...(options.kind === undefined ? {} : { kind: options.kind }),
        ...(options.vantage === undefined ? {} : { vantage: options.vantage }),
      };
      const client = clientOf(options);
      if (options.format !== undefined) {
        const format = options.format;
        const read = (page: EventQuery) => client.eventsAs(format, page);
        await printForeign(io, client, { ...options, format }, { read, query, tailed: query });
        return;
      }
      const columns = eventColumns(io, options.session);
      const { items, size } = await newest((page) => client.events(page), query, options.limit);
      if (options.json) printItems(io, items, options.follow === true);
      else printTable(io, columns, items, options.follow ? 'waiting for events' : 'no such events');
      if (!options.follow) return;
      await follow(client, { ...query, after: size - 1 }, (item) =>
        options.json ? printJsonLine(io, item) : printRow(io, columns, item),
      );
    });
  withExample(
    withFormat(withJson(withData(command))),
    'events --session SESSION',
    'events --session SESSION --format ocsf',
    'events /v1/files --vantage boundary',
    "events 'kind:file.* path:/etc/* NOT errno:*'",
    "events 'bytes>=1000 time>now-1h' --follow --json",
  );
};

/** Shows what is wrong with a query under its text, before any system is asked. */
function checkQuery(io: Io, query: string): void {
  try {
    parseQuery(query);
  } catch (error) {
    if (error instanceof QueryError) {
      const { from, to } = error.at;
      const shown = (text: string): string => plain(text.replaceAll(/\s/g, ' '));
      io.err(`  ${shown(query)}`);
      const under = '^'.repeat(Math.max(1, shown(query.slice(from, to)).length));
      io.err(`  ${' '.repeat(shown(query.slice(0, from)).length)}${under}`);
    }
    throw error;
  }
}

const vantage = oneOf('--vantage', VANTAGES);

/** The newest `limit` items of a paged list, oldest first, and the size of the tree read. */
export async function newest<T>(
  read: (query: EventQuery) => Promise<Page<T>>,
  query: EventQuery,
  limit: number,
): Promise<{ items: T[]; size: number }> {
  const items: T[] = [];
  let size: number | undefined;
  let after: number | undefined;
  while (items.length < limit) {
    const page = await read({
      ...query,
      order: 'desc',
      limit: Math.min(limit - items.length, API_PAGE_MAX),
      ...(after === undefined ? {} : { after }),
    });
    size ??= page.size;
    items.push(...page.items);
    if (typeof page.cursor !== 'number') break;
    after = page.cursor;
  }
  return { items: items.reverse(), size: size ?? 0 };
}

export function printItems(io: Io, items: EventItem[], lines: boolean): void {
  if (lines) for (const item of items) printJsonLine(io, item);
  else printJson(io, items);
}

/** Rows in a dialect of another tool: a line for each, once or as they come. */
export async function printForeign(
  io: Io,
  client: Client,
  options: ListOptions & { format: Dialect },
  from: { read: ForeignReader; query: EventQuery; tailed: EventQuery },
): Promise<void> {
  const { format, limit, follow: goesOn } = options;
  const { items, size } = await newest(from.read, from.query, limit);
  for (const item of items) printForeignLine(io, item);
  if (!goesOn) return;
  await untilInterrupt(
    (signal) => client.tailAs(format, { ...from.tailed, after: size - 1 }, signal),
    (item) => printForeignLine(io, item),
  );
}

type ForeignReader = (query: EventQuery) => Promise<Page<ForeignItem>>;

/** Hands each new row to `take` until Ctrl-C. */
export function follow(
  client: Client,
  query: EventQuery,
  take: (item: EventItem) => void,
): Promise<void> {
  return untilInterrupt((signal) => client.tail(query, signal), take);
}

async function untilInterrupt<T>(
  rows: (signal: AbortSignal) => AsyncIterable<T>,
  take: (item: T) => void,
): Promise<void> {
  const interrupt = onInterrupt();
  try {
    for await (const item of rows(interrupt.signal)) take(item);
  } finally {
    interrupt.release();
  }
}
