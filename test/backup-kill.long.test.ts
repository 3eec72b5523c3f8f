/**
 * `kill -9` in the middle of a backup and of a rebuild, of whoever works at it: what is there
 * afterwards is a whole backup or none, and the next run does it all.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { adminToken, callApi, makeToken } from './acceptance/path/api.ts';
import { REPOSITORY, type RunFile, Stage } from './acceptance/path/collector-process.ts';
import { assertClean } from './acceptance/path/log-check.ts';
import { descendantsOf, isAlive } from './acceptance/path/processes.ts';
import { Program, type Ran } from './acceptance/path/program.ts';
import { until } from './acceptance/path/until.ts';
import { runLoad } from './bench/load/run.ts';

const CLI = join(REPOSITORY, 'apps/cli/bin/vitrine.mjs');
const MIDDLE_MS_MAX = 30_000;
const LOOK_MS = 1;
/** A backup of so many takes half a second on an idle machine. */
const RECORDS = 12_000;

function vitrine(...args: string[]): Program {
  return new Program([process.execPath, CLI, ...args], { env: process.env });
}

async function done(...args: string[]): Promise<Ran> {
  const ran = await vitrine(...args).ended;
  assert.equal(ran.code, 0, `${args.join(' ')}: ${ran.stdout}${ran.stderr}`);
  return ran;
}

test('a kill in the middle of a backup or of a rebuild', async (t) => {
  const stage = new Stage(t);
  stage.configure('listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\n');
  let collector = stage.launch();
  let run = await collector.ready();
  await load(run, stage.data);

  for (const killed of ['the command', 'the collector'] as const) {
    await t.test(`of a first backup, of ${killed}`, async () => {
      const dir = join(stage.dir, `backup without ${killed}`);
      const begun = vitrine('backup', dir, '--data', stage.data);
      await underWay(dir);
      if (killed === 'the command') process.kill(begun.pid, 'SIGKILL');
      else await collector.kill();
      const { code, stderr } = await begun.ended;
      assert.notEqual(code, 0);
      if (killed === 'the collector') assert.match(stderr, /^error [A-Z]+_[A-Z_]+: /m);
      const verified = await vitrine('backup', '--verify', dir).ended;
      assert.equal(verified.code, 1);
      assert.match(verified.stderr, /BACKUP_INVALID: .*there is none/);
    });
  }
  const dir = join(stage.dir, 'backup');
  const backup = ['backup', dir, '--data', stage.data];
  collector = stage.launch();
  run = await collector.ready();
  await done(...backup);
  await load(run, stage.data);

  await t.test('of the next backup leaves the one before whole', async () => {
    const before = await done('backup', '--verify', dir);
    const begun = vitrine(...backup);
    await underWay(dir);
    await collector.kill();
    assert.notEqual((await begun.ended).code, 0);
    assert.equal((await done('backup', '--verify', dir)).stdout, before.stdout);
    collector = stage.launch();
    run = await collector.ready();
    await done(...backup);
    assert.notEqual((await done('backup', '--verify', dir)).stdout, before.stdout);
    const left = readdirSync(join(dir, 'segments')).filter((name) => name.startsWith('.'));
    assert.deepEqual(left, [], 'nothing is left of a run that broke off');
    await collector.stop();
  });

  await t.test('of a rebuild leaves no data directory, and nothing in the way', async () => {
    const data = join(stage.dir, 'rebuilt');
    const rebuild = ['rebuild', '--data', data, '--from', dir, '--old', stage.data];
    const begun = vitrine(...rebuild);
    const child = await until('rows that are restored', MIDDLE_MS_MAX, () =>
      existsSync(`${data}.rebuilding/store/data`) ? descendantsOf(begun.pid)[0] : undefined,
    );
    process.kill(child.pid, 'SIGKILL');
    const { code, stderr } = await begun.ended;
    assert.notEqual(code, 0, stderr);
    assert.equal(existsSync(data), false);
    await until('nobody works at it', MIDDLE_MS_MAX, () => !isAlive(child) || undefined);
    await done(...rebuild);
    assert.equal(existsSync(`${data}.rebuilding`), false);
    const again = stage.launch({ data });
    await assertClean(t, await again.ready(), adminToken(data));
    assert.deepEqual(await again.stop(), { code: 0, signal: null }, again.said);
  });
});

/** Resolves when all of it is sealed. */
async function load(run: RunFile, data: string): Promise<void> {
  const token = await makeToken(run, data, 'ingest');
  const much = { records: RECORDS, recordsPerRequest: 500, senders: 4, pauseMs: 0 };
  await runLoad({ transport: 'http', url: run.otlp_http, token, ...much });
  await until('an empty queue', MIDDLE_MS_MAX, async () => {
    const { text } = await callApi(run, adminToken(data), 'GET', '/metrics');
    return /^vitrine_queue_entries 0$/m.test(text) || undefined;
  });
}

/** Looks often: on an idle machine a segment is whole after some milliseconds. */
async function underWay(dir: string): Promise<void> {
  const segments = join(dir, 'segments');
  for (const deadline = Date.now() + MIDDLE_MS_MAX; Date.now() < deadline; await sleep(LOOK_MS)) {
    const names = existsSync(segments) ? readdirSync(segments) : [];
    if (names.some((name) => name.startsWith('.'))) return;
  }
  throw new Error('no segment was being written');
}
