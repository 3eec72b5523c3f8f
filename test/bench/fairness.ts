/**
 * How long a sender of one small request now and then waits beside one that floods, against how
 * long it waits alone, taken by turns in one run: until it is acknowledged, and until the API shows
 * what was. The bound: at most twice as long at the 99th percentile.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeToken } from '../acceptance/path/api.ts';
import { type RunFile, readRunFile } from '../acceptance/path/collector-process.ts';
import { probe, type Waits } from './load/probe.ts';
import type { Order } from './load/sender.ts';
import { printFigure, printMachine, sizeAsked } from './measure/bench.ts';
import { get, startCollector } from './measure/collector.ts';

const SENDER = fileURLToPath(new URL('load/sender.ts', import.meta.url));
const ROUNDS_DEFAULT = 5;
const PHASE_MS = 6_000;
/** Until the flood fills what it may fill. */
const FLOODED_MS = 3_000;
const POLL_MS = 100;
const FACTOR_MAX = 2;
/** Below this, a wait is that of one fsync and of the scheduler of a shared machine. */
const FLOOR_MS = 100;

const rounds = sizeAsked(ROUNDS_DEFAULT);
const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-fairness-'));
const running = await startCollector(dataDir);
try {
  const run = readRunFile(dataDir);
  const [ingest, reader, flooding] = [
    await makeToken(run, dataDir, 'ingest'),
    await makeToken(run, dataDir, 'reader'),
    await makeToken(run, dataDir, 'ingest'),
  ];
  const [alone, beside]: [Waits, Waits] = [none(), none()];
  await probe(run, { ingest, reader }, PHASE_MS, none());
  for (let round = 0; round < rounds; round++) {
    await probe(run, { ingest, reader }, PHASE_MS, alone);
    const flood = startFlood(run, flooding);
    await sleep(FLOODED_MS);
    await probe(run, { ingest, reader }, PHASE_MS, beside);
    flood.kill('SIGKILL');
    await drained();
  }
  printMachine();
  console.log(`rounds   ${rounds}; ${alone.ackMs.length} and ${beside.ackMs.length} requests`);
  print('acknowledged', alone.ackMs, beside.ackMs);
  print('visible', alone.visibleMs, beside.visibleMs);
} finally {
  await running.stop();
  rmSync(dataDir, { recursive: true });
}

function none(): Waits {
  return { ackMs: [], visibleMs: [] };
}

function startFlood(run: RunFile, token: string): ChildProcess {
  const much = { records: 1e9, recordsPerRequest: 500, senders: 60, pauseMs: 0 };
  const order: Order = { transport: 'http', url: run.otlp_http, token, ...much };
  return spawn(process.execPath, [SENDER, JSON.stringify(order)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function drained(): Promise<void> {
  while (!/^vitrine_queue_entries 0$/m.test(String(await get(running, '/metrics')))) {
    await sleep(POLL_MS);
  }
}

function print(what: string, alone: number[], beside: number[]): void {
  const [before, during] = [p99(alone), p99(beside)];
  printFigure(`${what}, p99 alone`, [before], 'ms');
  printFigure(`${what}, p99 beside a flood`, [during], 'ms');
  const factor = { is: 'at most', value: FACTOR_MAX } as const;
  printFigure('  times as long', [during / Math.max(before, FLOOR_MS)], 'x', factor);
}

function p99(waits: number[]): number {
  const sorted = waits.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1]!;
}
