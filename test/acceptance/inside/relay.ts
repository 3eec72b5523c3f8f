/**
 * The relay as one file, on the oldest Node that the machine has, with nothing of ours beside it:
 * what it acknowledged is in the log once, also when it is killed; what it had no room for is told.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'node:test';
import { storedRecords } from '../path/clickhouse.ts';
import { REPOSITORY, Stage } from '../path/collector-process.ts';
import { run } from '../path/program.ts';
import { System } from '../path/system.ts';
import { until } from '../path/until.ts';
import { GuestRelay } from './guest-relay.ts';

const NODE_MAJOR_MIN = 20;
const KILLS = 3;
const EVENTS = 50;
const IDLE_RSS_KIB_MAX = 80 * 1024;
const PULLED_MS_MAX = 60_000;
/** The smallest spool there is. */
const SPOOL_BYTES = 1024 * 1024;
const FILL = 'x'.repeat(60_000);
const REQUESTS_MAX = 100;

export async function relaysFromOneFile(t: TestContext): Promise<void> {
  const system = await System.up(new Stage(t));
  const file = [oldestNode(), await copyOfTheFile(system)];
  t.diagnostic(`the relay runs on ${execFileSync(file[0]!, ['--version'])}`);
  await t.test('is small when idle', () => isSmall(system, file));
  await t.test('keeps what it acknowledged when it is killed', () => survives(system, file));
  await t.test('refuses what it has no room for, and says so', () => refuses(system, file));
  await system.stop();
}

/** To where nothing of the repository can be found from. */
async function copyOfTheFile(system: System): Promise<string> {
  const built = join(REPOSITORY, 'dist', 'vitrine-relay.mjs');
  if (!existsSync(built)) {
    const { code, stderr } = await run(['npm', 'run', 'build'], { cwd: REPOSITORY });
    assert.equal(code, 0, stderr);
  }
  const copy = join(system.dir, 'vitrine-relay.mjs');
  copyFileSync(built, copy);
  return copy;
}

function oldestNode(): string {
  const nodes = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .filter((path) => existsSync(path) && majorOf(path) >= NODE_MAJOR_MIN);
  return [...nodes, process.execPath].toSorted((a, b) => majorOf(a) - majorOf(b))[0]!;
}

function majorOf(node: string): number {
  return Number.parseInt(String(execFileSync(node, ['--version'])).slice(1), 10);
}

async function isSmall(system: System, file: string[]): Promise<void> {
  const relay = await GuestRelay.start(system, 'idle', {}, file);
  const status = readFileSync(`/proc/${relay.pid}/status`, 'utf8');
  const rssKiB = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]);
  assert.ok(rssKiB <= IDLE_RSS_KIB_MAX, `${rssKiB} KiB`);
  await relay.kill();
}

/** Nobody pulls until it has been killed for the last time: all of it is in the spool. */
async function survives(system: System, file: string[]): Promise<void> {
  const relay = await GuestRelay.start(system, 'killed', {}, file);
  for (let kill = 0; kill < KILLS; kill++) {
    assert.equal(await relay.send(EVENTS), 200);
    await relay.kill();
    await relay.startAgain();
  }
  assert.equal(await relay.send(EVENTS), 200);
  await relay.register();
  const asked = (KILLS + 1) * EVENTS;
  const paths = await until(`${asked} events`, PULLED_MS_MAX, async () => {
    const rows = await storedRecords(system.run, `session = 'killed' AND kind = 'file.read'`);
    return rows.length >= asked ? rows.map((row) => pathOf(row.record)) : undefined;
  });
  assert.equal(paths.length, asked);
  assert.equal(new Set(paths).size, asked, 'an event stands twice');
}

function pathOf(record: string): string {
  return (JSON.parse(record) as { file: { path: string } }).file.path;
}

/** Until it is pulled; then there is room again, and what was refused stands in the log. */
async function refuses(system: System, file: string[]): Promise<void> {
  const relay = await GuestRelay.start(system, 'full', { spool_bytes_max: SPOOL_BYTES }, file);
  let status = 200;
  let taken = 0;
  for (let i = 0; i < REQUESTS_MAX && status === 200; i++) {
    status = await relay.send(1, FILL);
    if (status === 200) taken += 1;
  }
  assert.equal(status, 503, 'the spool has no bound');
  await relay.register();
  const rows = await until('what was refused is told', PULLED_MS_MAX, async () => {
    const found = await storedRecords(system.run, `session = 'full'`);
    return found.some(({ kind }) => kind === 'telemetry.drop') ? found : undefined;
  });
  assert.equal(rows.filter(({ kind }) => kind === 'file.read').length, taken);
  const drop = rows.find(({ kind }) => kind === 'telemetry.drop')!;
  assert.match(drop.record, /"reason":"spool_full","records":1,"requests":1/);
  await until('there is room again', PULLED_MS_MAX, async () => {
    return (await relay.send(1, FILL)) === 200 ? true : undefined;
  });
}
