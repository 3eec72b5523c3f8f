/**
 * Backup and rebuild of a log whose store is a server that somebody else operates: the same copy,
 * read through the running system. The server here is the engine, asked over HTTP like any other.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EngineSupervisor } from '../packages/store/src/engine/supervisor.ts';
import { DATABASE } from '../packages/store/src/store-config.ts';
import { adminToken, makeToken } from './acceptance/path/api.ts';
import { REPOSITORY, Stage } from './acceptance/path/collector-process.ts';
import { assertClean, assertStoredOnce, untilStored } from './acceptance/path/log-check.ts';
import { Program, type Ran } from './acceptance/path/program.ts';
import { Sender } from './acceptance/path/sender.ts';

const CLI = join(REPOSITORY, 'apps/cli/bin/vitrine.mjs');

function vitrine(...args: string[]): Promise<Ran> {
  return new Program([process.execPath, CLI, ...args], { env: process.env }).ended;
}

async function done(...args: string[]): Promise<void> {
  const ran = await vitrine(...args);
  assert.equal(ran.code, 0, `${args.join(' ')}: ${ran.stdout}${ran.stderr}`);
}

test('a log in a server is backed up while it runs, and goes on in another server', async (t) => {
  const stage = new Stage(t);
  const served = async (name: string): Promise<string> => {
    const dir = join(stage.dir, name);
    mkdirSync(dir);
    const engine = await EngineSupervisor.start({ dir, database: DATABASE, log: () => {} });
    stage.atEnd(() => engine.close());
    const { app, reader, url } = engine;
    const of = ({ user, password }: typeof app): string => {
      const file = join(dir, `${user}.password`);
      writeFileSync(file, password);
      return `user: ${user}, password: {file: '${file}'}`;
    };
    const store = `{mode: server, url: '${url}', ${of(app)}, reader: {${of(reader)}}}`;
    return `listen: {api: 0, otlp_http: 0, otlp_grpc: 0}\nstore: ${store}\n`;
  };
  stage.configure(await served('server'));
  const first = stage.launch();
  const run = await first.ready();
  const sender = new Sender(run, await makeToken(run, stage.data, 'ingest'), 'served');
  for (let i = 0; i < 3; i++) assert.equal((await sender.send()).status, 200);
  await untilStored(run, sender.acked);
  const dir = join(stage.dir, 'backup');
  await done('backup', dir, '--data', stage.data);
  await done('backup', '--verify', dir, '--trust', join(stage.data, 'trust.txt'));
  assert.equal((await sender.send()).status, 200);
  assert.deepEqual(await first.stop(), { code: 0, signal: null }, first.said);

  const stopped = await vitrine('backup', dir, '--data', stage.data);
  assert.equal(stopped.code, 1);
  assert.match(stopped.stderr, /STORE_ABSENT: .*\n.*BACKUP … TO Disk/);

  const settings = join(stage.dir, 'other.yaml');
  writeFileSync(settings, await served('another server'));
  const data = join(stage.dir, 'rebuilt');
  await done('rebuild', '--data', data, '--from', dir, '--old', stage.data, '--config', settings);
  copyFileSync(settings, join(data, 'vitrine.yaml'));
  const again = stage.launch({ data });
  const last = await again.ready();
  await assertStoredOnce(last, sender);
  await assertClean(t, last, adminToken(data));
  assert.deepEqual(await again.stop(), { code: 0, signal: null }, again.said);
});
