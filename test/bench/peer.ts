/**
 * Ours beside an OpenTelemetry Collector with a queue on disk, which writes to the same ClickHouse
 * and neither chains nor seals: the same load by turns. `npm run bench -- peer --peer PATH 100000`;
 * `test/interop/otelcol/builder.yaml` says what the binary is made of.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EngineSupervisor } from '../../packages/store/src/engine/supervisor.ts';
import { quietPort } from '../acceptance/path/collector-process.ts';
import { durableQueue, Peer, TELEMETRY } from '../interop/otelcol/peer.ts';
import { outputOf, runLoad } from './load/run.ts';
import { printFigure, printMachine, sizeAsked } from './measure/bench.ts';
import { cpuSeconds } from './measure/cpu.ts';

const RECORDS_DEFAULT = 100_000;
const RUNS = 3;
const RECORDS_PER_REQUEST = 500;
const SENDERS = 8;
const NAME_CHARS = 34;
const DATABASE = 'otel';
const INGEST = fileURLToPath(new URL('ingest.ts', import.meta.url));
const US_PER_S = 1e6;
const POLL_MS = 20;
const STORED_MS_MAX = 300_000;
/** Rows that come twice may come late. */
const SETTLE_MS = 3_000;
/** Issue: at least twice the rate of the other, with nothing lost or doubled. */
const RATIO_MIN = 2;

interface Outcome {
  queryablePerS: number;
  stored: number;
  /** Processor time for each record, in µs: what a busy machine does not change. */
  cpuUs: { collector: number; engine: number };
}

const total = sizeAsked(RECORDS_DEFAULT);
const transport = process.argv.includes('--grpc') ? 'grpc' : 'http';
const at = process.argv.indexOf('--peer');
const binary = at < 0 ? undefined : process.argv[at + 1];
if (binary === undefined) {
  console.log('peer     skipped: --peer PATH names no OpenTelemetry Collector');
} else {
  const ours: Outcome[] = [];
  const theirs: Outcome[] = [];
  for (let run = 0; run < RUNS; run++) {
    ours.push(await measureOurs());
    theirs.push(await measureTheirs(binary));
  }
  print(ours, theirs);
}

async function measureOurs(): Promise<Outcome> {
  const way = transport === 'grpc' ? ['--grpc'] : [];
  return JSON.parse(
    await outputOf([INGEST, String(total), '--json', '--unsettled', ...way]),
  ) as Outcome;
}

async function measureTheirs(path: string): Promise<Outcome> {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-peer-'));
  const engine = await EngineSupervisor.start({ dir, database: DATABASE, log: () => {} });
  try {
    const port = await quietPort();
    const config = configOf(join(dir, 'queue'), engine, port);
    await ask(engine, `CREATE DATABASE IF NOT EXISTS ${DATABASE}`);
    const peer = await Peer.start(path, join(dir, 'peer'), config);
    try {
      return await measure(engine, peer, port);
    } finally {
      await peer.end('SIGTERM');
    }
  } finally {
    await engine.close();
    rmSync(dir, { recursive: true });
  }
}

async function measure(engine: EngineSupervisor, peer: Peer, port: number): Promise<Outcome> {
  const each = { recordsPerRequest: RECORDS_PER_REQUEST, recordSize: 'budget' } as const;
  const size = { records: total, ...each, senders: SENDERS };
  const url = `http://127.0.0.1:${port}`;
  const used = { collector: cpuSeconds(peer.pid), engine: cpuSeconds(engine.pid!) };
  const sent = await runLoad({ transport, url, token: '', ...size, pauseMs: 0 });
  const ended = performance.now();
  const count = `SELECT count() FROM ${DATABASE}.otel_logs FORMAT TSV`;
  const deadline = ended + STORED_MS_MAX;
  while (Number(await ask(engine, count)) < total) {
    if (performance.now() > deadline) throw new Error('the other has lost records');
    await sleep(POLL_MS);
  }
  const seconds = (sent.ms + performance.now() - ended) / 1e3;
  const perRecord = (pid: number, before: number): number => {
    return ((cpuSeconds(pid) - before) * US_PER_S) / total;
  };
  const cpuUs = {
    collector: perRecord(peer.pid, used.collector),
    engine: perRecord(engine.pid!, used.engine),
  };
  await sleep(SETTLE_MS);
  return { queryablePerS: total / seconds, stored: Number(await ask(engine, count)), cpuUs };
}

/** The durable variant that its own measurements call fair: two consumers, batches, fsync. */
function configOf(queue: string, { url, app }: EngineSupervisor, port: number): object {
  const endpoint = `127.0.0.1:${port}`;
  return {
    receivers: { otlp: { protocols: { [transport]: { endpoint } } } },
    extensions: { 'file_storage/queue': durableQueue(queue) },
    exporters: {
      clickhouse: {
        endpoint: url,
        username: app.user,
        password: app.password,
        database: DATABASE,
        timeout: '60s',
        sending_queue: {
          num_consumers: 2,
          storage: 'file_storage/queue',
          block_on_overflow: true,
          batch: {},
        },
      },
    },
    service: {
      extensions: ['file_storage/queue'],
      telemetry: TELEMETRY,
      pipelines: { logs: { receivers: ['otlp'], exporters: ['clickhouse'] } },
    },
  };
}

async function ask({ url, app }: EngineSupervisor, query: string): Promise<string> {
  const headers = { 'x-clickhouse-user': app.user, 'x-clickhouse-key': app.password };
  const answer = await fetch(url, { method: 'POST', headers, body: query });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
}

function print(ours: Outcome[], theirs: Outcome[]): void {
  const rates = (outcomes: Outcome[]): number[] => outcomes.map((one) => one.queryablePerS);
  const ratios = ours.map((one, i) => one.queryablePerS / theirs[i]!.queryablePerS);
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ records: total, transport, ours, theirs, ratios }));
  } else {
    printMachine();
    console.log(
      `records  ${total} in requests of ${RECORDS_PER_REQUEST}, OTLP/${transport}, by turns`,
    );
    printRates('ours: chained, sealed, queryable', rates(ours));
    printRates('other: queue on disk, queryable', rates(theirs));
    printFigure('ours to the other', ratios, 'times', { is: 'at least', value: RATIO_MIN });
    printCpu('processor time, ours', ours);
    printCpu('processor time, other', theirs);
    const stored = (outcomes: Outcome[]): string => outcomes.map((one) => one.stored).join(', ');
    console.log(`counted  ours ${stored(ours)}; other ${stored(theirs)}`);
  }
  if (ours.some(({ stored }) => stored !== total)) process.exitCode = 1;
}

function printRates(name: string, rates: number[]): void {
  const sorted = rates
    .toSorted((a, b) => b - a)
    .map((rate) => Math.round(rate).toLocaleString('en'));
  const median = sorted[Math.floor(sorted.length / 2)];
  const range = `best ${sorted[0]}, median ${median}, worst ${sorted.at(-1)}`;
  console.log(`${name.padEnd(NAME_CHARS)} ${range} records/s`);
}

/** Of all runs together. */
function printCpu(name: string, outcomes: Outcome[]): void {
  const mean = (of: (one: Outcome) => number): string => {
    return (outcomes.reduce((sum, one) => sum + of(one), 0) / outcomes.length).toFixed(1);
  };
  const [own, engine] = [mean(({ cpuUs }) => cpuUs.collector), mean(({ cpuUs }) => cpuUs.engine)];
  console.log(`${name.padEnd(NAME_CHARS)} mean ${own} + ${engine} of ClickHouse µs a record`);
}
