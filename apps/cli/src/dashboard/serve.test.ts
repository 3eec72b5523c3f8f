import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RunningSystem } from '../system/data-dir.ts';
import { isPortFree } from '../system/machine.ts';
import { TestClone } from './clone.fixture.ts';
import { startDashboard } from './serve.ts';
import { readDashboardFile } from './whereabouts.ts';

const SERVE = fileURLToPath(new URL('serve.ts', import.meta.url));
const FREE_MS_MAX = 10_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function runningSystem(t: TestContext, publicUrl?: string): Promise<RunningSystem> {
  const dataDir = mkdtempSync(join(tmpdir(), 'vitrine-serve-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  const dashboardPort = await freePort();
  return {
    pid: process.pid,
    api: 'http://127.0.0.1:4319',
    otlpHttp: '',
    otlpGrpc: '',
    origin: '',
    log: '',
    started: '',
    token: '',
    dataDir,
    dashboardPort,
    publicUrl: publicUrl ?? `http://127.0.0.1:${dashboardPort}`,
  };
}

const rest = { log: () => {}, signal: new AbortController().signal };

describe('startDashboard', () => {
  it('serves until it is stopped, and says in the data directory where', async (t) => {
    const place = new TestClone(t);
    const system = await runningSystem(t);
    const dashboard = await startDashboard({ system, place, ...rest });
    assert.equal(dashboard.url, `http://127.0.0.1:${system.dashboardPort}`);
    const env = await (await fetch(dashboard.url)).json();
    assert.deepEqual(env, { VITRINE_API: system.api, VITRINE_HOSTS: '' });
    assert.equal(readDashboardFile(system.dataDir)?.url, dashboard.url);
    await dashboard.stop();
    assert.equal(existsSync(join(system.dataDir, 'dashboard.json')), false);
    assert.equal(await isPortFree(system.dashboardPort), true);
  });

  it('lets the host of a public address in', async (t) => {
    const system = await runningSystem(t, 'https://vitrine.example:8443');
    const dashboard = await startDashboard({ system, place: new TestClone(t), ...rest });
    const env = (await (await fetch(dashboard.url)).json()) as Record<string, string>;
    assert.equal(env.VITRINE_HOSTS, 'vitrine.example');
    await dashboard.stop();
  });

  it('refuses a port that is taken before it builds anything', async (t) => {
    const place = new TestClone(t);
    const system = await runningSystem(t);
    const other = createServer().listen(system.dashboardPort, '127.0.0.1');
    await once(other, 'listening');
    await assert.rejects(startDashboard({ system, place, ...rest }), { code: 'PORT_IN_USE' });
    other.close();
    assert.equal(place.builds, 0);
  });

  it('hands on the last words of one that does not start', async (t) => {
    const place = new TestClone(t);
    place.write('apps/dashboard/app/page.tsx', 'fail start');
    const system = await runningSystem(t);
    await assert.rejects(startDashboard({ system, place, ...rest }), {
      code: 'DASHBOARD_FAILED',
      message: /ended with 3 at its start/,
      hint: /it does not start/,
    });
    assert.equal(readDashboardFile(system.dataDir), undefined);
  });

  it('ends when whoever started it is killed', async (t) => {
    const place = new TestClone(t);
    const system = await runningSystem(t);
    const options = JSON.stringify({ system, place: { root: place.root, app: place.app } });
    const code = `
      const { startDashboard } = await import(${JSON.stringify(SERVE)});
      const { signal } = new AbortController();
      await startDashboard({ ...${options}, log: () => {}, signal });
      console.log('serving');`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(parent.stdout, 'data');
    assert.equal(await isPortFree(system.dashboardPort), false);
    assert.match(readFileSync(join(system.dataDir, 'dashboard.json'), 'utf8'), /"pid":\d+/);
    parent.kill('SIGKILL');
    const deadline = Date.now() + FREE_MS_MAX;
    while (!(await isPortFree(system.dashboardPort))) {
      assert.ok(Date.now() < deadline, 'the dashboard outlived its parent');
      await sleep(50);
    }
    assert.equal(readDashboardFile(system.dataDir), undefined, 'its file is not believed');
  });
});
