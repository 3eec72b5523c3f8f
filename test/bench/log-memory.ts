/**
 * What the collector holds in memory over a log of 1 million records and over one of 10 times as
 * many: after its start, after questions, and after 1,000 more records. The smaller log is made by
 * the sequencer's own steps in this process (measure/long-log.ts), the larger one by copying its
 * rows (measure/repeat-log.ts). `npm run bench -- log-memory 1000000`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TiledTree } from '@vitrine/chain';
import { printFigure, printMachine, sizeAsked } from './measure/bench.ts';
import {
  batch,
  get,
  post,
  type Running,
  resident,
  startCollector,
  untilStored,
} from './measure/collector.ts';
import { growLog, sealUpon } from './measure/long-log.ts';
import { repeatLog } from './measure/repeat-log.ts';

const RECORDS_DEFAULT = 100_000;
const GROWTH = 10;
const RATIO_MAX = 1.2;
const APPENDED = 1_000;
/** Garbage of the start is collected meanwhile. */
const SETTLE_MS = 10_000;
const STARTS = 3;
const MS_PER_S = 1_000;
const PATHS = [
  '/v1/events?limit=1000',
  '/v1/events?limit=1000&text=use-77',
  '/v1/events?limit=1000&kind=close',
  '/v1/sessions?limit=100',
  '/v1/alerts?limit=100',
];

const small = sizeAsked(RECORDS_DEFAULT);

async function ask(running: Running): Promise<void> {
  for (const path of PATHS) await get(running, path);
  const { items } = JSON.parse(String(await get(running, '/v1/sessions?limit=1'))) as {
    items: { session: string }[];
  };
  const { session } = items[0]!;
  await get(running, `/v1/sessions/${session}/events?limit=1000`);
  await get(running, `/v1/sessions/${session}/bundle`);
}

async function append(running: Running): Promise<void> {
  const { size } = JSON.parse(String(await get(running, '/v1/events?limit=1'))) as { size: number };
  await post(running, batch('appended', 0, APPENDED));
  await untilStored(running, size + APPENDED);
}

/** Memory at the end of one life of the collector, which has started, answered and taken more. */
async function life(dataDir: string): Promise<number> {
  const started = performance.now();
  const running = await startCollector(dataDir);
  const seconds = ((performance.now() - started) / MS_PER_S).toFixed(1);
  try {
    const atStart = resident(running.pid);
    await ask(running);
    const asked = resident(running.pid);
    await append(running);
    await sleep(SETTLE_MS);
    const { now, most } = resident(running.pid);
    const shown = [atStart.now, asked.now, now].map((mib) => mib.toFixed(0));
    console.log(
      `  ready in ${seconds} s with ${shown[0]} MiB; asked ${shown[1]}; ` +
        `${APPENDED} more records ${shown[2]}; at most ${most.toFixed(0)}`,
    );
    return now;
  } finally {
    await running.stop();
  }
}

async function lives(dataDir: string): Promise<number[]> {
  const runs: number[] = [];
  for (let start = 0; start < STARTS; start++) runs.push(await life(dataDir));
  return runs;
}

async function made(what: string, work: () => Promise<number>): Promise<number> {
  const started = performance.now();
  const size = await work();
  const seconds = ((performance.now() - started) / MS_PER_S).toFixed(0);
  console.log(`${what}: ${size} leaves in ${seconds} s`);
  return size;
}

printMachine();
console.log('log      sessions of 2,000 records of one day, without parts; engine not counted');
const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
try {
  // Makes the log's name and key.
  await (await startCollector(dataDir)).stop();
  await made('made by the sequencer', () => growLog(dataDir, small));
  const few = await lives(dataDir);
  printFigure(`collector at ${small}`, few, 'MiB');
  const copied = (): Promise<TiledTree> => repeatLog(dataDir, GROWTH);
  await made('rows copied', async () => sealUpon(dataDir, await copied()));
  const many = await lives(dataDir);
  printFigure(`collector at ${small * GROWTH}`, many, 'MiB');
  const ratio = Math.min(...many) / Math.min(...few);
  printFigure('ratio of the best', [ratio], 'times', { is: 'at most', value: RATIO_MAX });
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
