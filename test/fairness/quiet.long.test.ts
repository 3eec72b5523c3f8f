/**
 * A sender of large requests without a pause beside one that sends a little now and then: the quiet
 * one's waits with the flood, against those without it, taken by turns in one run.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { adminToken, callApi, makeToken } from '../acceptance/path/api.ts';
import { type RunFile, Stage } from '../acceptance/path/collector-process.ts';
import { until } from '../acceptance/path/until.ts';
import type { Order } from '../bench/load/sender.ts';
import { probe, type Waits } from './probe.ts';

const SENDER = fileURLToPath(new URL('../bench/load/sender.ts', import.meta.url));
const ROUNDS = 5;
const PHASE_MS = 6_000;
/** Until the flood fills what it may fill. */
const FLOODED_MS = 3_000;
const DRAINED_MS_MAX = 60_000;
const FACTOR_MAX = 2;
/** Below this, a wait is that of one fsync and of the scheduler of a shared machine. */
const FLOOR_MS = 100;

it('a flood does not make a quiet sender wait more than twice as long', async (t) => {
  const stage = new Stage(t);
  stage.configure('listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n');
  const collector = stage.launch();
  const run = await collector.ready();
  const token = (role: string): Promise<string> => makeToken(run, stage.data, role);
  const tokens = { ingest: await token('ingest'), reader: await token('reader') };
  const flooding = await token('ingest');
  const alone: Waits = { ackMs: [], visibleMs: [] };
  const beside: Waits = { ackMs: [], visibleMs: [] };
  await probe(run, tokens, PHASE_MS, { ackMs: [], visibleMs: [] });
  for (let round = 0; round < ROUNDS; round++) {
    await probe(run, tokens, PHASE_MS, alone);
    const flood = startFlood(stage, run, flooding);
    await sleep(FLOODED_MS);
    await probe(run, tokens, PHASE_MS, beside);
    assert.equal(flood.exitCode, null, 'the flood ended by itself');
    flood.kill('SIGKILL');
    await drained(run, stage.data);
  }
  compare(t, 'acknowledged', alone.ackMs, beside.ackMs);
  compare(t, 'visible', alone.visibleMs, beside.visibleMs);
  assert.deepEqual(await collector.stop(), { code: 0, signal: null }, collector.said);
});

function startFlood(stage: Stage, run: RunFile, token: string): ChildProcess {
  const much = { records: 1e9, recordsPerRequest: 500, senders: 60, pauseMs: 0 };
  const order: Order = { transport: 'http', url: run.otlp_http, token, ...much };
  const child = spawn(process.execPath, [SENDER, JSON.stringify(order)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  stage.atEnd(() => child.kill('SIGKILL'));
  return child;
}

async function drained(run: RunFile, data: string): Promise<void> {
  await until('an empty queue', DRAINED_MS_MAX, async () => {
    const { text } = await callApi(run, adminToken(data), 'GET', '/metrics');
    return /^vitrine_queue_entries 0$/m.test(text) ? true : undefined;
  });
}

function compare(t: TestContext, what: string, alone: number[], beside: number[]): void {
  const [before, during] = [p99(alone), p99(beside)];
  const figures = `p99 ${before.toFixed(0)} ms alone, ${during.toFixed(0)} ms beside the flood`;
  t.diagnostic(`${what}: ${figures}; ${alone.length} and ${beside.length} requests`);
  assert.ok(during <= FACTOR_MAX * Math.max(before, FLOOR_MS), `${what}: ${figures}`);
}

function p99(waits: number[]): number {
  const sorted = waits.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1]!;
}
