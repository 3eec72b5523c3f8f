import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readRunFile, runningSystem } from './data-dir.ts';

function dataDir(files: Record<string, string>): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'vitrine-cli-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
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
  it('finds address and token', () => {
    using dir = dataDir({ 'run.json': JSON.stringify(run), 'admin.token': 'vt_a_b\n' });
    const system = runningSystem(dir.path);
    assert.equal(system.api, run.api);
    assert.equal(system.otlpHttp, run.otlp_http);
    assert.equal(system.token, 'vt_a_b');
  });

  it('says how to start one where none runs', () => {
    using dir = dataDir({});
    assert.throws(() => runningSystem(dir.path), {
      code: 'NOT_RUNNING',
      hint: `start it: npx --no vitrine up --data ${dir.path}`,
    });
  });

  it('does not take the file of a process that is gone for a running system', () => {
    using dir = dataDir({ 'run.json': JSON.stringify({ ...run, pid: NOBODY_PID }) });
    assert.equal(readRunFile(dir.path), undefined);
    assert.throws(() => runningSystem(dir.path), { code: 'NOT_RUNNING' });
  });

  it('names the token file that cannot be read', () => {
    using dir = dataDir({ 'run.json': JSON.stringify(run) });
    assert.throws(() => runningSystem(dir.path), {
      code: 'TOKEN_UNREADABLE',
      message: /admin\.token/,
    });
  });

  it('refuses a run.json that is none', () => {
    using dir = dataDir({ 'run.json': '{"pid":' });
    assert.throws(() => runningSystem(dir.path), { code: 'FILE_UNREADABLE' });
    using other = dataDir({ 'run.json': '[]' });
    assert.throws(() => runningSystem(other.path), { code: 'NOT_RUNNING' });
  });
});
