/**
 * One run of the load generator against a collector of its own: everything that is sent is
 * counted in ClickHouse afterwards. A part is sent before the clock starts, while code is compiled.
 */
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordSize } from '../load/bodies.ts';
import { runLoad } from '../load/run.ts';
import type { Order, Sent } from '../load/sender.ts';
import { type Running, resident, startCollector, untilStored } from './collector.ts';
import { cpuSeconds, cpuSecondsByThread, engineOf } from './cpu.ts';

export interface RunOptions {
  records: number;
  transport: 'http' | 'grpc';
  recordSize: RecordSize;
  /** Sends for so long instead, whatever it can. */
  ms?: number | undefined;
  /** Stand before the collector's own arguments. */
  nodeArgs?: string[] | undefined;
  /** Waits until the store has settled, for minutes, to see what it takes on disk. */
  settles: boolean;
}

export interface IngestFigures {
  records: number;
  startMs: number;
  acknowledgedPerS: number;
  queryablePerS: number;
  ackMs: { p50: number; p99: number };
  refused: number;
  /** Of `records`, counted by ClickHouse itself. */
  stored: number;
  /** Processor time for each record, in µs. */
  cpuUs: { collector: number; engine: number; sender: number };
  /** That of the collector by the names of its threads. */
  threadsUs: Record<string, number>;
  /** That of the engine likewise. */
  engineThreadsUs: Record<string, number>;
  memoryMib: { collector: number; engine: number };
  /** Resident, every few seconds from the first request on. */
  memorySeries: { collectorMib: number; engineMib: number }[];
  /** `disk`: of the settled store; null where that was not waited for. */
  bytesPerRecord: { sent: number; disk: number | null };
}

export const RECORDS_PER_REQUEST = 500;
export const WARM_UP_RECORDS = 50_000;
const SENDERS = 8;
const US_PER_S = 1e6;
const MS_PER_S = 1_000;
const SAMPLE_MS = 5_000;
const COUNT_POLL_MS = 20;
const COUNTED_MS_MAX = 60_000;
const SETTLE_LOOK_MS = 1_000;
/** The engine looks about every 30 s for what it may delete. */
const SETTLE_LOOKS = 40;
const SETTLE_MS_MAX = 180_000;

export async function runIngest(options: RunOptions): Promise<IngestFigures> {
  const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  try {
    return await measure(dataDir, options);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
}

async function measure(dataDir: string, options: RunOptions): Promise<IngestFigures> {
  const booted = performance.now();
  const running = await startCollector(dataDir, options.nodeArgs);
  const startMs = performance.now() - booted;
  let figures: Omit<IngestFigures, 'bytesPerRecord'>;
  let sent: Sent;
  let disk: number | undefined;
  try {
    await runLoad(orderOf(running, { ...options, records: WARM_UP_RECORDS, ms: undefined }));
    await untilStored(running, WARM_UP_RECORDS);
    const engine = engineOf(running.pid);
    const before = timesOf(running.pid, engine);
    const memory = sampled(running.pid, engine);
    sent = await runLoad(orderOf(running, options));
    const ended = performance.now();
    await untilCounted(dataDir, WARM_UP_RECORDS + sent.records);
    // From the first request on: the generator makes its bodies before.
    const ms = sent.ms + performance.now() - ended;
    const memorySeries = memory.stop();
    const stored = (await countStored(dataDir)) - WARM_UP_RECORDS;
    const spent = spentSince(before, timesOf(running.pid, engine), sent);
    const most = { collector: resident(running.pid).most, engine: resident(engine).most };
    const rates = ratesOf(sent, ms);
    figures = { startMs, ...rates, stored, ...spent, memoryMib: most, memorySeries };
    if (options.settles) disk = await settledBytes(join(dataDir, 'store'));
  } finally {
    await running.stop();
  }
  const bytesPerRecord = {
    sent: sent.bodyBytes / sent.records,
    disk: disk === undefined ? null : disk / (WARM_UP_RECORDS + sent.records),
  };
  return { ...figures, bytesPerRecord };
}

function ratesOf({ records, waitsMs, refused, ms: sentMs }: Sent, ms: number) {
  const at = (share: number): number => waitsMs[Math.floor(waitsMs.length * share)]!;
  return {
    records,
    acknowledgedPerS: (records / sentMs) * MS_PER_S,
    queryablePerS: (records / ms) * MS_PER_S,
    ackMs: { p50: at(0.5), p99: at(0.99) },
    refused,
  };
}

interface Times {
  collector: number;
  engine: number;
  threads: Map<string, number>;
  engineThreads: Map<string, number>;
}

function timesOf(collector: number, engine: number): Times {
  return {
    collector: cpuSeconds(collector),
    engine: cpuSeconds(engine),
    threads: cpuSecondsByThread(collector),
    engineThreads: cpuSecondsByThread(engine),
  };
}

function spentSince(before: Times, after: Times, { records, cpuMs }: Sent) {
  const each = (now: number, then: number): number => ((now - then) * US_PER_S) / records;
  const byThread = (name: 'threads' | 'engineThreads'): Record<string, number> => {
    const figures = [...after[name]].map(([thread, now]): [string, number] => {
      return [thread, each(now, before[name].get(thread) ?? 0)];
    });
    return Object.fromEntries(figures);
  };
  return {
    cpuUs: {
      collector: each(after.collector, before.collector),
      engine: each(after.engine, before.engine),
      sender: (cpuMs * MS_PER_S) / records,
    },
    threadsUs: byThread('threads'),
    engineThreadsUs: byThread('engineThreads'),
  };
}

function sampled(collector: number, engine: number) {
  const series: IngestFigures['memorySeries'] = [];
  const look = (): void => {
    const [collectorMib, engineMib] = [resident(collector).now, resident(engine).now];
    series.push({ collectorMib, engineMib });
  };
  const timer = setInterval(look, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      look();
      return series;
    },
  };
}

function orderOf(running: Running, { records, transport, recordSize, ms }: RunOptions): Order {
  const { otlp, otlpGrpc, token } = running;
  const url = transport === 'http' ? otlp : otlpGrpc;
  const each = { recordsPerRequest: RECORDS_PER_REQUEST, recordSize };
  const size = { ...each, senders: SENDERS, pauseMs: 0 };
  const most = ms === undefined ? { records } : { records: Number.MAX_SAFE_INTEGER, msMax: ms };
  return { transport, url, token, ...size, ...most };
}

/** Resolves when ClickHouse has so many records of the load, or when that takes too long. */
async function untilCounted(dataDir: string, total: number): Promise<void> {
  const until = performance.now() + COUNTED_MS_MAX;
  while ((await countOf(dataDir, 'count()')) < total && performance.now() < until) {
    await sleep(COUNT_POLL_MS);
  }
}

/** Every record of the load once, counted by ClickHouse itself. */
function countStored(dataDir: string): Promise<number> {
  return countOf(dataDir, 'uniqExact(idx)');
}

async function countOf(dataDir: string, what: string): Promise<number> {
  const { store } = JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')) as {
    store: { url: string; user: string; password: string };
  };
  const query = `SELECT ${what} FROM vitrine.records WHERE shim = 'in' FORMAT TSV`;
  const headers = { 'x-clickhouse-user': store.user, 'x-clickhouse-key': store.password };
  const answer = await fetch(store.url, { method: 'POST', headers, body: query });
  if (!answer.ok) throw new Error(await answer.text());
  return Number(await answer.text());
}

/** When merges have ended and what they merged is deleted: nothing changes any more. */
async function settledBytes(dir: string): Promise<number> {
  const until = performance.now() + SETTLE_MS_MAX;
  let bytes = bytesUnder(dir);
  for (let still = 0; still < SETTLE_LOOKS && performance.now() < until; still++) {
    await sleep(SETTLE_LOOK_MS);
    const now = bytesUnder(dir);
    if (now !== bytes) still = -1;
    bytes = now;
  }
  return bytes;
}

/**
 * Follows no link: the engine's tables stand under two names. What is gone before it is looked at
 * counts nothing, for the engine deletes what it has merged.
 */
function bytesUnder(path: string): number {
  try {
    const found = lstatSync(path);
    if (!found.isDirectory()) return found.isFile() ? found.size : 0;
    return readdirSync(path).reduce((sum, name) => sum + bytesUnder(join(path, name)), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
