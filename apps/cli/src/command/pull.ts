/**
 * `pull`: a stream of the consumer API to standard output, page by page. The place is moved on only
 * when a page was written: what breaks off comes again.
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { PULL_CURSOR_CHARS_MAX, PULL_WAIT_SECONDS_MAX } from '@vitrine/schema';
import { PULL_FORMATS, PULL_STREAMS, type PullFormat, type PullStream } from '@vitrine/schema/api';
import { SEVERITY_WORDS } from '@vitrine/schema/query';
import type { PulledPage, PullQuery } from '../client/pulling.ts';
import { CliError } from '../error.ts';
import { type Io, printForeignLine } from '../print/io.ts';
import { readTextFile } from '../system/data-dir.ts';
import { writeText } from '../system/file.ts';
import { onInterrupt } from '../system/interrupt.ts';
import { clientOf, type DataOption, type Register, withData, withExample } from './context.ts';
import { oneOf } from './options.ts';

interface PullOptions extends DataOption {
  format: PullFormat;
  from?: string;
  since?: string;
  kind?: string;
  severity?: string;
  session?: string;
  sandbox?: string;
  query?: string;
  parts?: string;
  consumer?: string;
  cursorFile?: string;
  follow?: true;
}

/** A system that is away, or has too much to do, is asked again where one follows. */
const PASSING = new Set([
  'API_UNREACHABLE',
  'CONSUMER_LEASED',
  'ENGINE_AWAY',
  'NOT_READY',
  'NOT_RUNNING',
  'PULL_LIMITED',
  'QUEUE_CLOSED',
  'QUEUE_FULL',
  'READ_TIMEOUT',
  'STORE_CLOSED',
]);
/** Where the system does not say when. */
const AGAIN_SECONDS = 1;
/** A longer Retry-After than this is nothing that the system says. */
const AGAIN_SECONDS_MAX = 60;
const MS_PER_S = 1_000;

export const addPull: Register = (program, { io }) => {
  const command = program
    .command('pull')
    .description('print a stream of the log, each record once, in the format of other tools')
    .argument('<stream>', PULL_STREAMS.join(', '), streamOf)
    .option('--format <name>', PULL_FORMATS.join(', '), oneOf('--format', PULL_FORMATS), 'ndjson')
    .option('--from <where>', 'earliest (the default) or latest', oneOf('--from', WHERE))
    .option('--since <time>', 'from this time on, such as 2026-11-28T14:03:00Z')
    .option('--follow', 'go on with what comes until Ctrl-C')
    .option('--cursor-file <file>', 'keep the place here: go on where the last run ended')
    .option('--consumer <name>', 'keep the place in the system, under this name')
    .option('--kind <kinds>', 'only these kinds, separated by commas')
    .option('--severity <name>', 'only from this severity on', oneOf('--severity', SEVERITY_WORDS))
    .option('--session <id>', 'only this session; of alerts, only those about it')
    .option('--sandbox <id>', 'only events of this sandbox')
    .option('--query <query>', 'only what this asks for: docs/reference/query.md')
    .option('--parts <which>', 'contents in OTLP: include or none', oneOf('--parts', PARTS))
    .action((stream: PullStream, options: PullOptions) => pull(io, stream, options));
  withExample(
    withData(command),
    'pull alerts --format ocsf --follow --cursor-file alerts.cursor',
    'pull events --from earliest --format otlp-json > events.jsonl',
    'pull alerts --consumer soc --follow',
    'pull access --since 2026-11-28T00:00:00Z',
  );
};

const WHERE = ['earliest', 'latest'] as const;
const PARTS = ['include', 'none'] as const;
const streamOf = oneOf('<stream>', PULL_STREAMS);

/** Where the place is kept, and what comes next. */
interface Place {
  read(waitSeconds: number, signal: AbortSignal): Promise<PulledPage>;
  /** The page was written. */
  move(page: PulledPage): Promise<void>;
}

async function pull(io: Io, stream: PullStream, options: PullOptions): Promise<void> {
  refuseUnfit(io, options);
  const place =
    options.consumer === undefined ? byCursor(stream, options) : byName(stream, options);
  const interrupt = onInterrupt();
  const { signal } = interrupt;
  try {
    for (let goesOn = true; goesOn && !signal.aborted; ) {
      const wait = options.follow ? PULL_WAIT_SECONDS_MAX : 0;
      const page = await whileAway(io, options, signal, () => place.read(wait, signal));
      if (page === undefined) return;
      await write(io, options.format, page.body);
      await whileAway(io, options, signal, () => place.move(page));
      goesOn = options.follow === true || page.hasMore;
    }
  } finally {
    interrupt.release();
  }
}

function refuseUnfit(io: Io, options: PullOptions): void {
  if (options.consumer !== undefined && options.cursorFile !== undefined) {
    throw new CliError('USAGE', 'give --consumer or --cursor-file: a place is kept once');
  }
  if (options.from !== undefined && options.since !== undefined) {
    throw new CliError('USAGE', 'give --from or --since');
  }
  if (io.tty && options.format === 'otlp-proto') {
    throw new CliError('USAGE', 'otlp-proto is binary: send it into a file or a pipe');
  }
}

function queryOf(options: PullOptions): PullQuery {
  const { format, from, since, kind, severity, session, sandbox, query, parts } = options;
  const filter = { kind, severity_gte: severity, session, sandbox, q: query };
  return { ...filter, format, parts, from, since };
}

function byCursor(stream: PullStream, options: PullOptions): Place {
  const { cursorFile: file } = options;
  let cursor = file === undefined ? undefined : keptCursor(file);
  return {
    read: (waitSeconds, signal) => {
      const wait = { waitSeconds, signal };
      return clientOf(options).pulling.page(stream, queryOf(options), cursor, wait);
    },
    move: async (page) => {
      cursor = page.cursor;
      const hint = 'the page was written: it comes again when the place is not kept';
      if (file !== undefined) writeText(file, `${cursor}\n`, hint);
    },
  };
}

function keptCursor(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const cursor = readTextFile(file).trim();
  if (/^[A-Za-z0-9_-]+$/.test(cursor) && cursor.length <= PULL_CURSOR_CHARS_MAX) return cursor;
  const hint = 'delete it to begin anew; --cursor-file names a file of its own';
  throw new CliError('FILE_UNREADABLE', `${file} holds no cursor`, hint);
}

function byName(stream: PullStream, options: PullOptions): Place {
  const name = options.consumer!;
  let isMade = false;
  return {
    read: async (waitSeconds, signal) => {
      const { pulling } = clientOf(options);
      if (!isMade) await pulling.makeConsumer(name, stream, queryOf(options));
      isMade = true;
      return pulling.consumerPage(name, { waitSeconds, signal });
    },
    move: ({ cursor }) => clientOf(options).pulling.ack(name, cursor),
  };
}

/** Tries again where one follows; `undefined` once the user has ended it. */
async function whileAway<T>(
  io: Io,
  { follow }: PullOptions,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T | undefined> {
  for (let said = ''; ; ) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!follow || !(error instanceof CliError) || !PASSING.has(error.code)) throw error;
      if (said !== error.code) io.err(`waiting: ${error.message}`);
      said = error.code;
      const seconds = Math.min(error.retryAfterSeconds ?? AGAIN_SECONDS, AGAIN_SECONDS_MAX);
      await sleep(seconds * MS_PER_S, undefined, { signal }).catch(() => {});
    }
  }
}

const EMPTY = '{"resourceLogs":[]}';

/** A page as it came; on a terminal, without what a terminal would obey. */
async function write(io: Io, format: PullFormat, body: Buffer): Promise<void> {
  const isOne = format === 'otlp-json';
  if (body.length === 0 || (isOne && body.toString() === EMPTY)) return;
  const bytes = isOne ? Buffer.concat([body, Buffer.from('\n')]) : body;
  if (!io.tty) return io.write(bytes);
  for (const line of bytes.toString().trimEnd().split('\n')) printForeignLine(io, line);
}
