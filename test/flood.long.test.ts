/**
 * A flood that cannot be sealed, because the store's engine hangs: senders are told to come again,
 * over HTTP and over gRPC, and the collector's memory stays where its bounds put it.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { adminToken, callApi, makeToken } from './acceptance/path/api.ts';
import { engineOf, Stage } from './acceptance/path/collector-process.ts';
import { assertClean, assertStoredOnce, untilStored } from './acceptance/path/log-check.ts';
import { Sender } from './acceptance/path/sender.ts';
import { until } from './acceptance/path/until.ts';
import type { FloodOrder } from './bench/load/flood.ts';

const FLOOD = fileURLToPath(new URL('bench/load/flood.ts', import.meta.url));
const FILLING_MS_MAX = 30_000;
const FLOOD_MS = 12_000;
const LOOK_MS = 200;
/** What is queued, in memory twice, with what is on its way, on top of an idle collector. */
const RSS_MB_MAX = 700;
/** What V8 and the allocator take and give back all the time. */
const GROWTH_MB_MAX = 64;
const KB_PER_MB = 1_024;

test('memory is flat while a flood is refused', async (t) => {
  const stage = new Stage(t);
  stage.configure('listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n');
  const collector = stage.launch();
  const run = await collector.ready();
  const quiet = new Sender(run, await makeToken(run, stage.data, 'ingest'), 'quiet');
  assert.equal((await quiet.send()).status, 200);
  const engine = engineOf(collector.pid)!;
  process.kill(engine, 'SIGSTOP');
  stage.atEnd(() => endIfThere(engine));
  const tokens = [1, 2].map(() => makeToken(run, stage.data, 'ingest'));
  const order: FloodOrder = {
    http: run.otlp_http,
    grpc: run.otlp_grpc,
    tokens: (await Promise.all(tokens)) as [string, string],
    requests: 600,
    bytes: 1_000_000,
  };
  const flood = spawn(process.execPath, [FLOOD, JSON.stringify(order)], { stdio: 'inherit' });
  stage.atEnd(() => flood.kill('SIGKILL'));
  await until('a refusal', FILLING_MS_MAX, async () => {
    const { text } = await callApi(run, adminToken(stage.data), 'GET', '/metrics');
    return /code="QUEUE_FULL"\} [1-9]/.test(text) || undefined;
  });
  const seen: number[] = [];
  for (const end = performance.now() + FLOOD_MS; performance.now() < end; ) {
    seen.push(rssMb(collector.pid));
    await sleep(LOOK_MS);
  }
  flood.kill('SIGKILL');
  const half = Math.floor(seen.length / 2);
  const [early, late] = [Math.max(...seen.slice(0, half)), Math.max(...seen.slice(half))];
  t.diagnostic(`${early} MB at most, then ${late} MB`);
  assert.ok(late < RSS_MB_MAX, `${late} MB`);
  assert.ok(late - early < GROWTH_MB_MAX, `grows from ${early} to ${late} MB`);
  assert.equal((await quiet.send()).status, 200, 'the flood takes the place of nobody else');
  process.kill(engine, 'SIGCONT');
  await untilStored(run, quiet.acked);
  await assertStoredOnce(run, quiet);
  await assertClean(t, run, adminToken(stage.data));
});

function endIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended with the collector.
  }
}

function rssMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) / KB_PER_MB);
}
