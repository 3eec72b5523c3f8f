/**
 * What the one-file relay costs the sandbox that it stands in: memory when nothing happens, and
 * processor time for each thousand events, from a shim's request to the acknowledged page. On the
 * Node that runs this and on the `node` of the PATH. All requests are made before the clock starts,
 * so that the sender takes neither the core nor its caches from the relay.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeExport, toEvents } from '@vitrine/schema';
import { buildRelayFile } from '../../scripts/relay-file.mjs';
import { makeBodies } from './load/bodies.ts';
import { Discard, postTo, type RelayProcess, startRelayFile } from './load/relay-process.ts';
import { printFigure, printMachine, sizeAsked } from './measure/bench.ts';
import { batch, resident } from './measure/collector.ts';
import { cpuSeconds } from './measure/cpu.ts';

const EVENTS_DEFAULT = 20_000;
/** The best is judged: the more of them, the likelier that one had the core to itself. */
const RUNS = 6;
const IDLE_MS = 5_000;
const RSS_MIB_MAX = 80;
const CPU_MS_MAX = 20;

interface Load {
  name: string;
  /** Of `EVENTS_DEFAULT`, where each event costs a request and a sync. */
  share: number;
  /** Bodies of at least as many events, and how many there are. */
  make: (events: number) => { bodies: Buffer[]; events: number };
  bounded: boolean;
}

const RECORDING = new URL('../vectors/claude-code/otlp-protobuf.jsonl', import.meta.url);
const RECORDED = readFileSync(RECORDING, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { url: string; body: string })
  .filter(({ url }) => url === '/v1/logs')
  .map(({ body }) => Buffer.from(body, 'base64'))
  .map((body) => ({ body, events: toEvents(decodeExport('logs', 'protobuf', body)).length }));

/** 512 is what a batch processor of OpenTelemetry sends at most; 100 is a second's worth or so. */
const LOADS: Load[] = [
  ...[512, 100].map((size) => {
    return { name: `${size} a request`, share: 1, make: toolCalls(size), bounded: true };
  }),
  // One at a time is the sync and the request of each, which no budget is about.
  { name: '1 a request', share: 0.1, make: toolCalls(1), bounded: false },
  { name: 'mixed kinds, 512 a request', share: 1, make: mixed, bounded: false },
  { name: "Claude Code's own", share: 0.5, make: claudeCode, bounded: false },
];

const events = sizeAsked(EVENTS_DEFAULT);
const dir = mkdtempSync(join(tmpdir(), 'vitrine-bench-relay-'));
try {
  const file = join(dir, 'vitrine-relay.mjs');
  const { outputs } = await buildRelayFile(file);
  printMachine();
  for (const { bytes } of Object.values(outputs)) console.log(`file     ${bytes} bytes`);
  for (const node of nodes()) await measure(node, file);
} finally {
  rmSync(dir, { recursive: true });
}

/** This one, and the one of the PATH if it is another. */
function nodes(): string[] {
  const version = (node: string): string => String(execFileSync(node, ['--version'])).trim();
  return [process.execPath, 'node'].filter(
    (node, i) => i === 0 || version(node) !== process.version,
  );
}

async function measure(node: string, file: string): Promise<void> {
  const version = String(execFileSync(node, ['--version'])).trim();
  const own = mkdtempSync(join(dir, 'relay-'));
  const started = performance.now();
  const relay = await startRelayFile({ node, file, dir: own });
  try {
    printFigure(`${version}: start to ready`, [performance.now() - started], 'ms');
    await sleep(IDLE_MS);
    const idle = { is: 'at most', value: RSS_MIB_MAX } as const;
    printFigure(`${version}: RSS idle`, [resident(relay.pid).now], 'MiB', idle);
    const discard = new Discard(relay.opp);
    for (const load of LOADS) await measureCpu(relay, load, version);
    discard.stop();
    await sleep(IDLE_MS);
    const { now, most } = resident(relay.pid);
    printFigure(`${version}: RSS idle, after the load`, [now], 'MiB');
    printFigure(`${version}: RSS, the most`, [most], 'MiB');
  } finally {
    await relay.stop();
  }
}

async function measureCpu(relay: RelayProcess, load: Load, version: string): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  const runs: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const made = load.make(Math.ceil(events * load.share));
    const before = cpuSeconds(relay.pid);
    for (const body of made.bodies) await postTo(relay.intake, body, agent);
    runs.push(((cpuSeconds(relay.pid) - before) * 1_000) / (made.events / 1_000));
  }
  agent.destroy();
  const bound = load.bounded ? ({ is: 'at most', value: CPU_MS_MAX } as const) : undefined;
  // In the first run code is compiled.
  printFigure(`${version}: CPU per 1,000 events, ${load.name}`, runs.slice(1), 'ms', bound);
}

/** Small events of one kind, as a shim sends them. */
function toolCalls(size: number): Load['make'] {
  return (wanted) => {
    const bodies: Buffer[] = [];
    for (let made = 0; made < wanted; made += size) bodies.push(batch('bench', made, size));
    return { bodies, events: bodies.length * size };
  };
}

/** What the ingest of the collector is measured with: several kinds of some 600 bytes. */
function mixed(wanted: number): ReturnType<Load['make']> {
  const size = 512;
  const bodies = makeBodies(Math.ceil(wanted / size), size).map(({ bytes }) => bytes);
  return { bodies, events: bodies.length * size };
}

/** Requests of a recorded session, sent again and again: each keeps its original beside it. */
function claudeCode(wanted: number): ReturnType<Load['make']> {
  const bodies: Buffer[] = [];
  let made = 0;
  while (made < wanted) {
    const { body, events: count } = RECORDED[bodies.length % RECORDED.length]!;
    bodies.push(body);
    made += count;
  }
  return { bodies, events: made };
}
