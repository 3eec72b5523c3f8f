import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { isModern, packagedNode } from '../../bin/packaged-node.mjs';
import { fixesOf } from '../command/doctor.ts';
import { dashboardFinding, examine } from './doctor.ts';
import { findProgram, freeBytes, isPortFree, processStart } from './machine.ts';

describe('examine', () => {
  it('looks at everything a system needs, each lack with its fix', async () => {
    const findings = await examine(join(tmpdir(), 'vitrine-no-system-here'));
    const checks = findings.map((finding) => finding.check);
    for (const check of ['node', 'store engine', 'strace', 'bwrap', 'user namespaces', 'disk']) {
      assert.ok(checks.includes(check), check);
    }
    const [system, dashboard] = findings.slice(-2);
    assert.deepEqual([system?.check, system?.state], ['system', 'warn']);
    assert.deepEqual([dashboard?.check, dashboard?.state], ['dashboard', 'ok']);
    for (const { state, fix } of findings) assert.equal(fix !== undefined, state !== 'ok');
  });
});

describe('dashboardFinding', () => {
  const running = {
    pid: process.pid,
    api: '',
    otlpHttp: '',
    otlpGrpc: '',
    dashboardPort: 3000,
    publicUrl: 'http://127.0.0.1:3000',
    origin: '',
    log: '',
    started: '',
  };

  async function findingOf(t: TestContext, status?: number) {
    const dir = mkdtempSync(join(tmpdir(), 'vitrine-doctor-'));
    t.after(() => rmSync(dir, { recursive: true }));
    if (status === undefined) return dashboardFinding(dir, running);
    const server = createHttpServer((_, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const file = { pid: process.pid, start: processStart(process.pid) };
    const text = JSON.stringify({ ...file, url: `http://127.0.0.1:${port}` });
    writeFileSync(join(dir, 'dashboard.json'), text);
    const finding = await dashboardFinding(dir, running);
    server.closeAllConnections();
    server.close();
    return finding;
  }

  it('warns of a system that has none beside it', async (t) => {
    const { state, fix } = await findingOf(t);
    assert.deepEqual([state, fix], ['warn', 'start the system without --no-dashboard']);
  });

  it('asks the one that runs', async (t) => {
    assert.equal((await findingOf(t, 200)).state, 'ok');
    const broken = await findingOf(t, 500);
    assert.equal(broken.state, 'fail');
    assert.match(broken.found, /status 500/);
  });

  it('knows of one elsewhere', async () => {
    const elsewhere = { ...running, publicUrl: 'https://vitrine.example' };
    const { state, found } = await dashboardFinding('/nowhere', elsewhere);
    assert.deepEqual([state, found], ['ok', 'at https://vitrine.example']);
  });
});

describe('fixesOf', () => {
  it('says a fix once for all that it is for', () => {
    const fixes = fixesOf([
      { check: 'a', state: 'warn', found: '', fix: 'x' },
      { check: 'b', state: 'ok', found: '' },
      { check: 'c', state: 'fail', found: '', fix: 'x' },
    ]);
    assert.deepEqual([...fixes], [['x', ['a', 'c']]]);
  });
});

describe('the machine', () => {
  it('has the programs of PATH and no others', () => {
    assert.match(findProgram('sh') ?? '', /\/sh$/);
    assert.equal(findProgram('no-such-program-here'), undefined);
  });

  it('knows when a process began, and that one has ended', async () => {
    assert.match(processStart(process.pid) ?? '', /^\d+$/);
    const child = spawn('sh', ['-c', 'exit 0'], { stdio: 'ignore' });
    const { pid } = child;
    await once(child, 'exit');
    assert.equal(processStart(pid!), undefined);
  });

  it('knows a taken port from a free one', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    assert.equal(await isPortFree(port), false);
    await new Promise((resolve) => server.close(resolve));
    assert.equal(await isPortFree(port), true);
  });

  it('measures the disk of a directory that does not exist yet', () => {
    assert.ok(freeBytes(join(tmpdir(), 'a', 'b', 'c')) > 0);
  });
});

describe('the packaged Node', () => {
  it('is wanted below 22.18 and not from there on', () => {
    const old = ['v16.20.2', 'v20.20.2', 'v22.17.9'];
    const modern = ['v22.18.0', 'v22.23.1', 'v24.0.0', 'v100.1.0'];
    assert.deepEqual(old.filter(isModern), []);
    assert.deepEqual(modern.filter(isModern), modern);
  });

  it('is none where no package is made for the platform', () => {
    assert.equal(packagedNode('plan9', 'mips'), null);
  });
});
