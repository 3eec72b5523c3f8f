/**
 * What a reader waits for over a large store: start to ready, the first page of a timeline, pages
 * with filters, searches, lists and sums, through the API of a real collector; and what an event
 * weighs. `npm run bench -- store-query 10000000 --keep DIR` makes ten million records there, or
 * finds them.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLoad } from './load/run.ts';
import { type Bound, printFigure, printMachine, sizeAsked } from './measure/bench.ts';
import { get, type Running, startCollector, untilStored } from './measure/collector.ts';
import { cpuSeconds, engineOf } from './measure/cpu.ts';
import { sealUpon } from './measure/long-log.ts';
import { repeatLog } from './measure/repeat-log.ts';
import { type StoreSize, storeSize } from './measure/store-size.ts';
import { takeAllWords } from './measure/words.ts';

const RECORDS_DEFAULT = 1_000_000;
/** Sent as OTLP; the rest are copies of them under other sessions. */
const RECORDS_SENT_MAX = 200_000;
const STARTS = 3;
const ROUNDS = 3;
const QUERIES_PER_ROUND = 30;
const SESSIONS_ASKED = 100;
const PAGE = 'limit=100';
const MS_PER_S = 1_000;

const wanted = sizeAsked(RECORDS_DEFAULT);
const option = process.argv.indexOf('--keep');
const kept = option < 0 ? undefined : process.argv[option + 1];
const dataDir = kept ?? mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
try {
  printMachine();
  if (!existsSync(join(dataDir, 'store'))) await make();
  const startsMs: number[] = [];
  for (let start = 0; start < STARTS; start++) startsMs.push(await ask(start === STARTS - 1));
  printFigure('start to ready', startsMs, 'ms', { is: 'at most', value: 5_000 });
  printSize(await storeSize(dataDir));
} finally {
  if (kept === undefined) rmSync(dataDir, { recursive: true });
}

async function make(): Promise<void> {
  mkdirSync(dataDir, { recursive: true });
  const records = Math.min(wanted, RECORDS_SENT_MAX);
  const running = await startCollector(dataDir);
  try {
    const load = { recordsPerRequest: 500, senders: 8, pauseMs: 0 };
    const { otlp: url, token } = running;
    await runLoad({ transport: 'http', url, token, records, ...load });
    await untilStored(running, records);
  } finally {
    await running.stop();
  }
  const times = Math.floor(wanted / records);
  if (times > 1) await sealUpon(dataDir, await repeatLog(dataDir, times));
  printFigure('words of a million records', [await takeAllWords(dataDir)], 'ms');
}

/** Starts the collector; with `all`, asks it everything. Gives the time until it was ready. */
async function ask(all: boolean): Promise<number> {
  const started = performance.now();
  const running = await startCollector(dataDir);
  const ms = performance.now() - started;
  try {
    if (all) await askAll(running);
  } finally {
    await running.stop();
  }
  return ms;
}

interface Session {
  session: string;
  events: number;
}

async function askAll(running: Running): Promise<void> {
  const { items, size } = JSON.parse(
    String(await get(running, `/v1/sessions?limit=${SESSIONS_ASKED}`)),
  ) as { items: Session[]; size: number };
  const sessions = items.filter(({ events }) => events > 1_000);
  const most = Math.max(...sessions.map(({ events }) => events));
  console.log(`store    ${size.toLocaleString('en')} leaves, sessions of up to ${most} records`);
  const page = { is: 'at most', value: 300 } as const;
  const of = (rest: string) => (n: number) => {
    return `/v1/sessions/${sessions[n % sessions.length]!.session}/${rest}`;
  };
  const asked = (query: string, rest = `events?${PAGE}&`) =>
    of(`${rest}q=${encodeURIComponent(query)}`);
  const questions: [name: string, path: (n: number) => string, bound?: Bound][] = [
    ['first page', of(`events?${PAGE}`), page],
    ['newest page', of(`events?order=desc&${PAGE}`), page],
    ['page of two kinds', of(`events?kind=process.exec,egress.request&${PAGE}`)],
    ['page of a vantage', of(`events?vantage=agent&${PAGE}`)],
    ['query: columns alone', asked('kind:(process.exec OR egress.request) -vantage:host')],
    ['query: a member’s value', asked('path:*/feature-7/*'), page],
    ['query: a member compared', asked('pid>=1390 status:200..299'), page],
    ['query: a member nobody has', asked('record.never.said:x')],
    ['query: histogram of a member', asked('bytes>=1000', 'histogram?')],
    [
      'query in all: a value, rare',
      (n) =>
        `/v1/search?order=desc&q=${encodeURIComponent(`path:*file-${n * 211 + 74}.ts`)}&${PAGE}`,
    ],
    ['text in a session', (n) => of(`events?q=items%3Fpage%3D${n % 9}&${PAGE}`)(n)],
    ['text in all, newest 100', (n) => `/v1/events?order=desc&q=module-${n}&${PAGE}`],
    ['word in all, rare', (n) => `/v1/events?order=desc&q=file-${n * 211 + 74}.ts&${PAGE}`],
    [
      'part of a word in all, rare',
      (n) => `/v1/events?order=desc&q=once-0000000000000${n}&${PAGE}`,
    ],
    ['text in all, nobody said it', () => `/v1/events?order=desc&q=never+said&${PAGE}`],
    ['kind in all, there is none', () => `/v1/events?order=desc&kind=approval.decision&${PAGE}`],
    ['session list of 100', () => '/v1/sessions?limit=100'],
    ['one session', of('')],
    ['histogram', of('histogram')],
    ['process tree', of('processes')],
    ['approvals of all', () => '/v1/stats/approvals'],
    ['alerts', () => `/v1/alerts?order=desc&${PAGE}`],
    ['one record by index', (n) => `/v1/events/default.0.1/${(n * 7_919) % size}`],
  ];
  for (const [name, path, bound] of questions) await time(running, name, path, bound);
}

async function time(
  running: Running,
  name: string,
  path: (n: number) => string,
  bound?: Bound,
): Promise<void> {
  const p50s: number[] = [];
  const p95s: number[] = [];
  const engine = engineOf(running.pid);
  const cpu = (): number => cpuSeconds(running.pid) + cpuSeconds(engine);
  const cpus: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const runs: number[] = [];
    const before = cpu();
    for (let n = 0; n < QUERIES_PER_ROUND; n++) {
      const started = performance.now();
      await get(running, path(round * QUERIES_PER_ROUND + n).replace(/\/$/, ''));
      runs.push(performance.now() - started);
    }
    cpus.push(((cpu() - before) * MS_PER_S) / QUERIES_PER_ROUND);
    runs.sort((a, b) => a - b);
    p50s.push(runs[Math.floor(runs.length * 0.5)]!);
    p95s.push(runs[Math.floor(runs.length * 0.95)]!);
  }
  printFigure(`${name}, p50`, p50s, 'ms');
  printFigure(`${name}, p95`, p95s, 'ms', bound);
  // Other work on the machine does not count: collector and engine together.
  printFigure(`${name}, processor`, cpus, 'ms');
}

function printSize({ rows, bytes }: StoreSize): void {
  const size = (name: string): number => (bytes.get(name) ?? 0) / rows;
  const print = (name: string, value: number, bound?: Bound): void => {
    printFigure(name, [value], 'bytes an event', bound);
  };
  const tables = ['records', 'parts', 'tiles', 'checkpoints', 'supervision', 'words'];
  const sum = tables.reduce((all, table) => all + size(table), 0);
  const columns = [...bytes.keys()].filter((name) => name.startsWith('records.'));
  const typed = columns.filter((name) => !['records.record', 'records.leaf'].includes(name));
  print('store on disk, merged', sum, { is: 'at most', value: 400 });
  print('records: text', size('records.record'));
  print('records: leaf hashes', size('records.leaf'));
  print(
    'records: all other columns',
    typed.reduce((all, name) => all + size(name), 0),
  );
  print('records: order by index', size('records by_idx'));
  print('records: sums of chains', size('records by_chain'));
  print('tiles', size('tiles'));
  print('parts', size('parts'));
  print('words', size('words'));
}
