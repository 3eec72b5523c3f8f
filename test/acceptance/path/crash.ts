/**
 * Kills under load: whatever was acknowledged is in ClickHouse and under the log exactly once, the
 * log never says two things of one size, and `fsck` finds nothing.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { adminToken, callApi, makeToken } from './api.ts';
import { Chance } from './chance.ts';
import type { WatchOrder } from './checkpoint-watch.ts';
import { quietPort, type RunFile, Stage } from './collector-process.ts';
import { killEach, planKills } from './kills.ts';
import { type Account, readLedgers } from './ledger.ts';
import type { ClientOrder } from './ledger-client.ts';
import {
  assertClean,
  assertInclusionProofs,
  assertOneHistory,
  assertStoredOnce,
  assertTilesHold,
} from './log-check.ts';
import { JSON_TYPE, PROTOBUF } from './otlp.ts';
import { until } from './until.ts';

/** `npm run soak` asks for hundreds. */
const KILLS = Number(process.env.VITRINE_CRASH_KILLS ?? 12);
const CLIENTS = 3;
const SEED_END = 2 ** 31;
const PROOFS = 24;
/** Fewer would mean that there was no load to speak of. */
const ACKED_MIN = 50 * KILLS;
const SEALED_MS_MAX = 30_000;
/** Longer than the sequencer takes for one batch. */
const QUIET_MS = 1_500;

/** `VITRINE_CRASH_SEED` repeats a run. */
export async function survivesKills(t: TestContext): Promise<void> {
  const seed = Number(process.env.VITRINE_CRASH_SEED ?? Math.floor(Math.random() * SEED_END));
  t.diagnostic(`VITRINE_CRASH_SEED=${seed}`);
  const chance = new Chance(seed);
  const stage = new Stage(t);
  const [api, otlp] = [await quietPort(), await quietPort()];
  stage.configure(`listen: {api: ${api}, otlp_http: ${otlp}, otlp_grpc: 0}\n`);
  const clean = stage.launch();
  await clean.ready();
  assert.deepEqual(await clean.stop(), { code: 0, signal: null }, clean.said);
  const first = stage.launch();
  const run = await first.ready();
  const clients = await startClients(stage, run, seed);
  const watch = await startWatch(stage, run);
  const kills = planKills(chance, KILLS);
  const collector = await killEach(stage, first, kills);
  const last = await collector.ready();
  // The one that is killed leaves a request in doubt: it may be in the log or not, but once.
  const [killed, ...others] = clients;
  await killed!.end('SIGKILL');
  for (const client of others) await client.end('SIGTERM');
  const account = readLedgers(clients.map((client) => client.ledger));
  await untilSealed(last, adminToken(stage.data));
  watch.child.kill('SIGKILL');
  const starts = kills.filter(({ moment }) => moment === 'starting').length;
  t.diagnostic(`${kills.length} kills, ${starts} of them in a start; ${summaryOf(account)}`);
  assert.ok(account.acked.size >= ACKED_MIN, `only ${account.acked.size} events were acknowledged`);
  await assertLog(t, stage, last, account, watch.file);
  assert.deepEqual(await collector.stop(), { code: 0, signal: null }, collector.said);
}

function summaryOf({ acked, sent, repeated }: Account): string {
  const doubt = sent.size - acked.size;
  return `${acked.size} events acknowledged, ${doubt} in doubt, ${repeated} requests sent again`;
}

async function assertLog(
  t: TestContext,
  stage: Stage,
  run: RunFile,
  account: Account,
  notes: string,
): Promise<void> {
  const trust = readFileSync(join(stage.data, 'trust.txt'), 'utf8');
  const token = await makeToken(run, stage.data, 'auditor');
  const stored = await assertStoredOnce(run, account);
  const sizes = await assertOneHistory(run, trust, linesOf(notes));
  t.diagnostic(`${sizes} checkpoints, each of them the tree of the stored leaves`);
  t.diagnostic(`${await assertTilesHold(run, token)} leaves in tiles`);
  await assertInclusionProofs(run, trust, token, [...stored], PROOFS);
  await assertClean(t, run, token);
}

interface Client {
  ledger: string;
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

async function startClients(stage: Stage, run: RunFile, seed: number): Promise<Client[]> {
  const token = await makeToken(run, stage.data, 'ingest');
  return Array.from({ length: CLIENTS }, (_, i) => {
    const name = `crash-${i}`;
    const ledger = join(stage.dir, `${name}.ledger`);
    const type = i % 2 === 0 ? PROTOBUF : JSON_TYPE;
    const order: ClientOrder = { name, url: run.otlp_http, token, type, ledger, seed: seed + i };
    const child = startProgram(stage, 'ledger-client.ts', order);
    const end: Client['end'] = async (signal) => {
      assert.equal(child.exitCode, null, `${name} gave up; its message is on standard error`);
      child.kill(signal);
      const ended = await once(child, 'exit');
      assert.deepEqual(ended, signal === 'SIGTERM' ? [0, null] : [null, signal]);
    };
    return { ledger, end };
  });
}

async function startWatch(
  stage: Stage,
  run: RunFile,
): Promise<{ child: ChildProcess; file: string }> {
  const token = await makeToken(run, stage.data, 'reader');
  const file = join(stage.dir, 'notes');
  const order: WatchOrder = { url: `${run.api}/log/${run.log}/checkpoint`, token, file };
  return { child: startProgram(stage, 'checkpoint-watch.ts', order), file };
}

function startProgram(stage: Stage, name: string, order: object): ChildProcess {
  const program = fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(process.execPath, [program, JSON.stringify(order)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  stage.atEnd(() => child.kill('SIGKILL'));
  return child;
}

function linesOf(file: string): string[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as string);
}

/** Waits until nothing is still to be sealed: the queue is empty, and no batch under way. */
async function untilSealed(run: RunFile, token: string): Promise<void> {
  let before: string | undefined;
  await until('an empty queue', SEALED_MS_MAX, async () => {
    const { text } = await callApi(run, token, 'GET', '/metrics');
    const size = /^vitrine_log_size (\d+)$/m.exec(text)?.[1];
    if (/^vitrine_queue_entries 0$/m.test(text) && size === before) return size;
    before = size;
    await sleep(QUIET_MS);
    return undefined;
  });
}
