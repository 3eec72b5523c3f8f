/**
 * How fast one machine takes events: OTLP records accepted, chained, durable and queryable, with
 * the load generator on the same cores as a process of its own. `npm run bench -- ingest 300000`
 * sends that many records; `--grpc` over gRPC, `--json` prints figures for programs.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLoad } from './load/run.ts';
import type { Sent } from './load/sender.ts';
import { printFigure, printMachine, sizeAsked } from './measure/bench.ts';
import { type Running, resident, startCollector, untilStored } from './measure/collector.ts';
import { cpuSeconds } from './measure/cpu.ts';

const RECORDS_DEFAULT = 200_000;
const RECORDS_PER_REQUEST = 500;
const SENDERS = 8;
const US_PER_S = 1e6;

interface Figures {
  records: number;
  startMs: number;
  acknowledgedPerS: number;
  queryablePerS: number;
  ackMs: { p50: number; p99: number };
  refused: number;
  stored: number;
  /** Processor time for each record, in µs. */
  cpuUs: { collector: number; engine: number; sender: number };
  memoryMib: { collector: number; engine: number };
  bytesPerRecord: { sent: number; disk: number };
}

const transport = process.argv.includes('--grpc') ? 'grpc' : 'http';
const total = sizeAsked(RECORDS_DEFAULT);
const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
try {
  const figures = await measure();
  if (process.argv.includes('--json')) console.log(JSON.stringify(figures));
  else print(figures);
  if (figures.stored !== figures.records) process.exitCode = 1;
} finally {
  rmSync(dataDir, { recursive: true });
}

async function measure(): Promise<Figures> {
  const booted = performance.now();
  const running = await startCollector(dataDir);
  const startMs = performance.now() - booted;
  let figures: Omit<Figures, 'bytesPerRecord'>;
  let sent: Sent;
  try {
    const engine = engineOf(running.pid);
    const before = { collector: cpuSeconds(running.pid), engine: cpuSeconds(engine) };
    sent = await load(running);
    const ended = performance.now();
    await untilStored(running, total);
    // From the first request on: the generator makes its bodies before.
    const seconds = (sent.ms + performance.now() - ended) / 1e3;
    const perRecord = (now: number, then: number): number => ((now - then) * US_PER_S) / total;
    const at = (share: number): number => sent.waitsMs[Math.floor(sent.waitsMs.length * share)]!;
    figures = {
      records: total,
      startMs,
      acknowledgedPerS: (total / sent.ms) * 1e3,
      queryablePerS: total / seconds,
      ackMs: { p50: at(0.5), p99: at(0.99) },
      refused: sent.refused,
      stored: await countStored(),
      cpuUs: {
        collector: perRecord(cpuSeconds(running.pid), before.collector),
        engine: perRecord(cpuSeconds(engine), before.engine),
        sender: (sent.cpuMs * 1e3) / total,
      },
      memoryMib: { collector: resident(running.pid).most, engine: resident(engine).most },
    };
  } finally {
    await running.stop();
  }
  const disk = bytesUnder(join(dataDir, 'store')) / total;
  return { ...figures, bytesPerRecord: { sent: sent.bodyBytes / total, disk } };
}

function load({ otlp, otlpGrpc, token }: Running): Promise<Sent> {
  const url = transport === 'http' ? otlp : otlpGrpc;
  const size = { records: total, recordsPerRequest: RECORDS_PER_REQUEST, senders: SENDERS };
  return runLoad({ transport, url, token, ...size, pauseMs: 0 });
}

/** Every record of the load, counted by ClickHouse itself. */
async function countStored(): Promise<number> {
  const { store } = JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')) as {
    store: { url: string; user: string; password: string };
  };
  const query = "SELECT uniqExact(idx) FROM vitrine.records WHERE shim = 'in' FORMAT TSV";
  const headers = { 'x-clickhouse-user': store.user, 'x-clickhouse-key': store.password };
  const answer = await fetch(store.url, { method: 'POST', headers, body: query });
  if (!answer.ok) throw new Error(await answer.text());
  return Number(await answer.text());
}

/** The process that the collector runs its store in. */
function engineOf(collector: number): number {
  const children = readFileSync(`/proc/${collector}/task/${collector}/children`, 'utf8');
  return Number(children.trim().split(' ')[0]);
}

function bytesUnder(dir: string): number {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function print(figures: Figures): void {
  const { cpuUs, memoryMib, bytesPerRecord } = figures;
  printMachine();
  console.log(`records  ${total} in requests of ${RECORDS_PER_REQUEST}, OTLP/${transport}`);
  console.log(`counted  ${figures.stored} in ClickHouse, ${figures.refused} requests sent again`);
  printFigure('start to ready, empty', [figures.startMs], 'ms', { is: 'at most', value: 5_000 });
  printFigure('acknowledged, durable', [figures.acknowledgedPerS], 'records/s');
  const rate = { is: 'at least', value: 30_000 } as const;
  printFigure('sealed, queryable', [figures.queryablePerS], 'records/s', rate);
  printFigure('answer p50 at full load', [figures.ackMs.p50], 'ms');
  printFigure('answer p99 at full load', [figures.ackMs.p99], 'ms');
  for (const [name, value] of Object.entries(cpuUs)) {
    printFigure(`processor time, ${name}`, [value], 'µs a record');
  }
  for (const [name, value] of Object.entries(memoryMib)) {
    printFigure(`memory at most, ${name}`, [value], 'MiB');
  }
  printFigure('sent', [bytesPerRecord.sent], 'bytes a record');
  const disk = { is: 'at most', value: 400 } as const;
  printFigure('store on disk, merges unfinished', [bytesPerRecord.disk], 'bytes a record', disk);
}
