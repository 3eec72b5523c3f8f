/**
 * How a run ends, what it does when something is lost or missing: real strace, bubblewrap, egress
 * proxy and shim; skipped where the machine lacks them, unless VITRINE_REQUIRE=all.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readPath } from '@vitrine/schema';
import { detectMachine, type Machine } from '../sandbox/detect.ts';
import { StageSession, skipWithout } from '../stage/session.ts';

const machine = detectMachine();
const skip = skipWithout(machine);
let session: StageSession;
beforeEach(async () => {
  session = await StageSession.start(machine);
});
afterEach(() => session.end());

describe('losses', { skip }, () => {
  it('of the strace shim do not end the sandbox, and are told of', async () => {
    session.collector.onBegin = () => void killChild('bin/shim.mjs strace');
    const result = await session.run(
      'for i in 1 2 3 4 5 6 7 8 9; do sleep 0.3; : > f$i; done; echo done > end',
    );
    assert.equal(result.exitCode, 0);
    assert.equal(session.file('end'), 'done\n');
    const drops = session.collector.of('telemetry.drop');
    assert.ok(drops.length > 0, 'a drop is told of');
    assert.equal(readPath(drops[0]?.fields, 'source.shim'), 'strace');
    assert.match(String(drops[0]?.fields.reason), /SIGKILL/);
    const lines = drops.reduce((sum, { fields }) => sum + Number(fields.lines), 0);
    assert.ok(lines > 5, `${lines} lines`);
    assert.equal(session.paths('file.create').includes(join(session.workspace, 'f9')), false);
  });

  it('of the relay end the command: nobody would take custody of what it does', async () => {
    session.collector.onBegin = () => void killChild('stage/relay.ts');
    const loop =
      'for i in 1 2 3 4 5 6 7 8 9; do sleep 0.3; : > f$i; done; sleep 60; echo done > end';
    const result = await session.run(loop);
    assert.notEqual(result.exitCode, 0);
    assert.equal(result.whole, false);
    assert.equal(existsSync(join(session.workspace, 'end')), false);
    assert.ok(session.said.some((line) => line.startsWith('relay ended before the session')));
  });

  /** Once the agent has been heard of. */
  async function killChild(entry: string): Promise<void> {
    for (let tries = 0; tries < 1_000; tries++) {
      await sleep(10);
      if (session.collector.read().some(({ kind }) => kind === 'file.create')) break;
    }
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ');
    for (const pid of children.filter(Boolean)) {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (command.includes(entry)) process.kill(Number(pid), 'SIGKILL');
    }
  }
});

describe('the end', { skip }, () => {
  it('comes with SIGTERM: the command is asked, the session closed', async () => {
    const script =
      'trap "echo asked > trapped; exit 3" TERM; echo > up; while :; do sleep 0.05; done';
    const running = session.run(script);
    for (let tries = 0; tries < 500 && !existsSync(join(session.workspace, 'up')); tries++)
      await sleep(20);
    process.emit('SIGTERM', 'SIGTERM');
    const result = await running;
    assert.equal(result.exitCode, 3);
    assert.equal(session.file('trapped'), 'asked\n');
    assert.deepEqual(session.collector.ended, ['made-up']);
  });

  it('is asked for again while the collector restarts', async () => {
    session.collector.endAnswers = [
      { status: 503, body: {} },
      { status: 202, body: { whole: true } },
    ];
    const result = await session.run('exit 4');
    assert.deepEqual([result.exitCode, result.whole], [4, true]);
    assert.equal(session.collector.ended.length, 2);
    assert.equal(existsSync(session.collector.dir), false);
  });

  it('that is not whole keeps the spool and says so', async () => {
    session.collector.endAnswers = [{ status: 202, body: { whole: false } }];
    const result = await session.run('true');
    assert.equal(result.whole, false);
    assert.match(session.said.at(-1) ?? '', /stays in .*spool$/);
    assert.equal(existsSync(session.collector.dir), true);
    rmSync(session.collector.dir, { recursive: true });
  });

  it('is 128 + the signal that ended the command, 127 for one that is not there', async () => {
    assert.equal((await session.run('kill -9 $$')).exitCode, 137);
    assert.equal((await session.run('', { command: ['no-such-program'] })).exitCode, 127);
  });
});

describe('a machine without', () => {
  const without = (lacking: Partial<Machine>): Machine => ({ ...machine, ...lacking });
  const absent = [
    { source: 'sandbox', reason: 'bubblewrap is not installed' },
    { source: 'strace', reason: 'strace is not installed' },
  ];
  const install = 'sudo apt-get install -y bubblewrap strace';

  it('bubblewrap is refused, with the line that helps', async () => {
    const none = without({ bwrap: false, strace: false, absent, install });
    await assert.rejects(
      session.run('true', {}, none),
      (error: Error & { code?: string; hint?: string }) => {
        assert.equal(error.code, 'SANDBOX_UNAVAILABLE');
        return (error.hint ?? '').startsWith(install);
      },
    );
    assert.equal(session.collector.description, undefined);
  });

  it('either runs the command if that is allowed, and says what is missing', async () => {
    const none = without({ bwrap: false, strace: false, absent, install });
    const script = 'echo "$HTTPS_PROXY" > proxy; exit 4';
    const result = await session.run(script, { allowUnsandboxed: true }, none);
    assert.equal(result.exitCode, 4);
    assert.match(session.file('proxy'), /^http:\/\/127\.0\.0\.1:\d+$/m);
    assert.equal(session.collector.description?.runtime, 'none');
    assert.deepEqual(session.collector.description?.absent, absent);
    assert.ok(session.said.some((line) => line.includes('WITHOUT a sandbox')));
  });

  it('strace goes on, and the session says so', { skip }, async () => {
    const blind = without({ strace: false, absent: absent.slice(1), install: '' });
    assert.equal((await session.run('exit 2', {}, blind)).exitCode, 2);
    assert.deepEqual(session.collector.description?.absent, absent.slice(1));
    assert.deepEqual(session.collector.description?.expected, ['boundary/run', 'boundary/egress']);
    assert.equal(session.collector.of('process.exec').length, 0);
  });

  it('a collector stops before anything runs', async () => {
    const gone = { api: 'http://127.0.0.1:1', token: 'stage' };
    const anywhere = { allowUnsandboxed: true, collector: gone };
    await assert.rejects(session.run('echo > ran', anywhere), { code: 'COLLECTOR_UNREACHABLE' });
    assert.equal(existsSync(join(session.workspace, 'ran')), false);
  });
});
