/** What a run refuses before it starts anything. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { RUN_ENVIRONMENT_BYTES_MAX } from '@vitrine/schema';
import type { Machine } from '../sandbox/detect.ts';
import { parseCredential, type RunOptions } from './options.ts';
import { makePlan, runFiles } from './plan.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-plan-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const machine: Machine = { bwrap: true, strace: true, absent: [], install: '' };
const planOf = (more: Partial<RunOptions>, on = machine) =>
  makePlan(
    {
      command: ['true'],
      workspace: dir,
      collector: { api: '', token: '' },
      relayEntry: '',
      fingerprintKey: '00',
      say: () => {},
      ...more,
    },
    on,
    runFiles(join(tmpdir(), 'vitrine-run-of-a-test')),
  );

describe('a plan', () => {
  it('has room for an environment, up to what the kernel takes as one string', async () => {
    const empty = (await planOf({ env: { A: '' } })).env.VITRINE_FORWARD!.length;
    const room = RUN_ENVIRONMENT_BYTES_MAX - empty;
    assert.ok((await planOf({ env: { A: 'x'.repeat(room) } })).argv.length > 0);
    await assert.rejects(planOf({ env: { A: 'x'.repeat(room + 1) } }), {
      code: 'ENVIRONMENT_TOO_LARGE',
    });
  });

  it('hands on nothing of our own environment that could be a secret or run code', async () => {
    process.env.VITRINE_TEST_SECRET = 'canary';
    process.env.NODE_OPTIONS = '--no-warnings';
    try {
      const { env } = await planOf({});
      assert.deepEqual(Object.keys(env).toSorted(), ['PATH', 'VITRINE_FORWARD']);
      const agent = JSON.parse(env.VITRINE_FORWARD!).env;
      assert.equal('VITRINE_TEST_SECRET' in agent || 'NODE_OPTIONS' in agent, false);
      assert.equal(agent.PATH, process.env.PATH);
    } finally {
      delete process.env.VITRINE_TEST_SECRET;
      delete process.env.NODE_OPTIONS;
    }
  });

  it('turns on the telemetry of a Claude Code, unless the caller says otherwise', async () => {
    const agentOf = async (env: Record<string, string>): Promise<Record<string, string>> =>
      JSON.parse((await planOf({ env })).env.VITRINE_FORWARD!).env;
    const { CLAUDE_CODE_ENABLE_TELEMETRY: on, OTEL_LOGS_EXPORTER: logs } = await agentOf({});
    assert.deepEqual([on, logs], ['1', 'otlp']);
    const off = await agentOf({ CLAUDE_CODE_ENABLE_TELEMETRY: '0' });
    assert.equal(off.CLAUDE_CODE_ENABLE_TELEMETRY, '0');
  });

  it('says what the session is for, where the caller does', async () => {
    assert.equal((await planOf({ purpose: 'evaluation' })).description.purpose, 'evaluation');
    assert.equal('purpose' in (await planOf({})).description, false);
    const functions = ['github.git.push'];
    assert.deepEqual((await planOf({ functions })).description.functions, functions);
    assert.equal('functions' in (await planOf({})).description, false);
  });

  it('is refused without a command', async () => {
    await assert.rejects(planOf({ command: [] }), { code: 'SANDBOX_UNAVAILABLE' });
  });
});

describe('a credential', () => {
  it('is given with its value or taken from the environment', () => {
    assert.deepEqual(parseCredential('A=b=c'), { name: 'A', value: 'b=c' });
    process.env.VITRINE_TEST_CREDENTIAL = 'v';
    assert.deepEqual(parseCredential('VITRINE_TEST_CREDENTIAL').value, 'v');
    delete process.env.VITRINE_TEST_CREDENTIAL;
  });

  for (const text of ['', '=x', 'A=', 'NOT_SET_ANYWHERE', 'sk-secret']) {
    it(`is refused, and not repeated: "${text}"`, () => {
      assert.throws(
        () => parseCredential(text),
        (error: Error & { code?: string }) => {
          return error.code === 'CREDENTIAL_INVALID' && !error.message.includes('sk-secret');
        },
      );
    });
  }
});
