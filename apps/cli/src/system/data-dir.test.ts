import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { readRunFile, runningSystem } from './data-dir.ts';

function dataDir(t: TestContext, files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'vitrine-cli-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

const run = {
  pid: process.pid,
  api: 'http://127.0.0.1:4319',
  otlp_http: 'http://127.0.0.1:4318',
  origin: 'vitrine.local/00000000/default.0.1',
  log: 'default.0.1',
  started: '2026-11-25T00:00:00.000Z',
};
/** Beyond what any kernel gives out. */
const NOBODY_PID = 2 ** 22 + 1;

describe('runningSystem', () => {
  it('finds address and token', (t) => {
    const dir = dataDir(t, { 'run.json': JSON.stringify(run), 'admin.token': 'vt_a_b\n' });
    const system = runningSystem(dir);
    assert.equal(system.api, run.api);
    assert.equal(system.otlpHttp, run.otlp_http);
    assert.equal(system.token, 'vt_a_b');
  });

  it('says how to start one where none runs', (t) => {
    const dir = dataDir(t, {});
    assert.throws(() => runningSystem(dir), {
      code: 'NOT_RUNNING',
      hint: `start it: npx --no vitrine up --data ${dir}`,
    });
  });

  it('does not take the file of a process that is gone for a running system', (t) => {
    const dir = dataDir(t, { 'run.json': JSON.stringify({ ...run, pid: NOBODY_PID }) });
    assert.equal(readRunFile(dir), undefined);
    assert.throws(() => runningSystem(dir), { code: 'NOT_RUNNING' });
  });

  it('names the token file that cannot be read', (t) => {
    const dir = dataDir(t, { 'run.json': JSON.stringify(run) });
    assert.throws(() => runningSystem(dir), {
      code: 'TOKEN_UNREADABLE',
      message: /admin\.token/,
    });
  });

  it('refuses a run.json that is none', (t) => {
    const dir = dataDir(t, { 'run.json': '{"pid":' });
    assert.throws(() => runningSystem(dir), { code: 'FILE_UNREADABLE' });
    const other = dataDir(t, { 'run.json': '[]' });
    assert.throws(() => runningSystem(other), { code: 'NOT_RUNNING' });
  });
});
