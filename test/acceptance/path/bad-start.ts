/**
 * Starts that cannot succeed: the process ends with status 1, a code, a sentence and a hint, leaves
 * no other process behind, and changes nothing.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import { makeToken } from './api.ts';
import { type CollectorProcess, quietPort, REPOSITORY, Stage } from './collector-process.ts';
import { assertStoredOnce, untilStored } from './log-check.ts';
import { Sender } from './sender.ts';
import { until } from './until.ts';

/** What a copy of the project needs to run, beside its packages. */
const SOURCES = ['apps', 'packages', 'connectors', 'package.json'];
/** The scope of the platform packages that carry the engine. */
const ENGINE_SCOPE = '@chdb';
const OWN_SCOPE = '@vitrine';
const LEFT_MS_MAX = 10_000;

export async function namesThePortInUse(t: TestContext): Promise<void> {
  const stage = new Stage(t);
  const port = await quietPort();
  const configure = (api: number, otlp: number): void =>
    stage.configure(`listen: {api: ${api}, otlp_http: ${otlp}, otlp_grpc: 0}\n`);
  configure(0, port);
  const first = stage.launch();
  const run = await first.ready();
  const sender = new Sender(run, await makeToken(run, stage.data, 'ingest'), 'port');
  assert.equal((await sender.send()).status, 200);
  await first.kill();

  const server = await occupy(stage, port);
  await assertRefuses(stage, stage.launch(), 'PORT_IN_USE', new RegExp(`port ${port}\\b`));
  configure(port, 0);
  await assertRefuses(stage, stage.launch(), 'PORT_IN_USE', new RegExp(`port ${port}\\b`));
  await new Promise((done) => server.close(done));

  const last = stage.launch();
  const again = await last.ready();
  sender.follow(again);
  assert.equal((await sender.send()).status, 200);
  await untilStored(again, sender.acked);
  await assertStoredOnce(again, sender);
  assert.deepEqual(await last.stop(), { code: 0, signal: null }, last.said);
}

export async function namesTheMissingEngine(t: TestContext): Promise<void> {
  const stage = new Stage(t);
  stage.configure('listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n');
  const whole = stage.launch();
  const run = await whole.ready();
  const sender = new Sender(run, await makeToken(run, stage.data, 'ingest'), 'engine');
  assert.equal((await sender.send()).status, 200);
  await whole.kill();

  const root = copyWithoutEngine(stage);
  const empty = join(stage.dir, 'empty');
  mkdirSync(empty);
  const env = { PATH: empty, HOME: empty };
  await assertRefuses(stage, stage.launch({ root, env }), 'ENGINE_MISSING', /@chdb\/lib-/);

  const last = stage.launch();
  const again = await last.ready();
  sender.follow(again);
  assert.equal((await sender.send()).status, 200);
  await untilStored(again, sender.acked);
  await assertStoredOnce(again, sender);
  assert.deepEqual(await last.stop(), { code: 0, signal: null }, last.said);
}

async function occupy(stage: Stage, port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', done);
  });
  stage.atEnd(() => server.close());
  return server;
}

async function assertRefuses(
  stage: Stage,
  collector: CollectorProcess,
  code: string,
  names: RegExp,
): Promise<void> {
  assert.deepEqual(await collector.exited, { code: 1, signal: null }, collector.said);
  const said = new RegExp(`^error ${code}: .+\\n {2}hint: .+`, 'm').exec(collector.said);
  assert.ok(said !== null, collector.said);
  assert.match(said[0], names);
  const left = (): true | undefined => (processesWith(stage.data).length === 0 ? true : undefined);
  await until('the end of its processes', LEFT_MS_MAX, left);
}

/** Numbers of the processes that have `text` on their command line. */
function processesWith(text: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });
}

/**
 * The project without the engine, where no other copy of it can be found: its own packages copied,
 * all others linked.
 */
function copyWithoutEngine(stage: Stage): string {
  const root = join(stage.dir, 'copy');
  const modules = join(root, 'node_modules');
  const isOurs = (path: string): boolean => !['node_modules', 'dist'].includes(basename(path));
  for (const name of SOURCES) {
    cpSync(join(REPOSITORY, name), join(root, name), { recursive: true, filter: isOurs });
  }
  mkdirSync(join(modules, OWN_SCOPE), { recursive: true });
  for (const name of readdirSync(join(REPOSITORY, 'node_modules'))) {
    if (name.startsWith('.') || name === OWN_SCOPE || name === ENGINE_SCOPE) continue;
    symlinkSync(join(REPOSITORY, 'node_modules', name), join(modules, name));
  }
  // Links into this project's own folders: relative ones lead into the copy.
  for (const name of readdirSync(join(REPOSITORY, 'node_modules', OWN_SCOPE))) {
    const target = readlinkSync(join(REPOSITORY, 'node_modules', OWN_SCOPE, name));
    symlinkSync(target, join(modules, OWN_SCOPE, name));
  }
  return root;
}
