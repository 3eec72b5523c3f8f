/**
 * The shim beside a real `runsc`: what the workload did arrives at the intake, drops are counted,
 * and the next sandbox finds the same shim. Needs root and runsc.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readPath, type SandboxEvent } from '@vitrine/schema';
import { StageIntake } from '../stage/intake.ts';
import { flagsFor, sessionFor } from './main.ts';

const ENTRY = fileURLToPath(new URL('../../bin/shim.mjs', import.meta.url));
const WORKLOAD = fileURLToPath(new URL('../../fixtures/workload.sh', import.meta.url));
const SANDBOX_MS_MAX = 60_000;

let intake: StageIntake;
let shim: ChildProcess | undefined;
let said = '';
beforeEach(async () => {
  intake = await new StageIntake().start();
});
afterEach(async () => {
  shim?.kill('SIGKILL');
  spawnSync('runsc', [`--root=${intake.dir}/root`, 'delete', '--force', 'one']);
  await intake.end();
});

function isGiven(t: TestContext): boolean {
  const works = spawnSync('runsc', ['--version']).status === 0 && process.getuid?.() === 0;
  if (works) return true;
  const without = 'needs root and runsc: sudo apt-get install -y runsc';
  if (process.env.VITRINE_REQUIRE === 'all') throw new Error(`cannot run: ${without}`);
  t.skip(without);
  return false;
}

function path(name: string): string {
  return join(intake.dir, name);
}

async function startShim(more: object = {}): Promise<void> {
  const settings = {
    ...more,
    intake: intake.socket,
    endpoint: path('sink.sock'),
    log: path('boot.log'),
    grants: [
      { path: path('ws'), mode: 'rw_no_delete' },
      { path: path('ro'), mode: 'ro' },
    ],
  };
  rmSync(path('sink.sock'), { force: true });
  shim = spawn(process.execPath, [ENTRY, 'gvisor'], {
    env: { PATH: process.env.PATH, VITRINE_SETTINGS: JSON.stringify(settings) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  shim.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  for (let tries = 0; tries < 500 && !existsSync(path('sink.sock')); tries++) await sleep(20);
  assert.ok(existsSync(path('sink.sock')), said);
}

async function stopShim(): Promise<void> {
  const ended = new Promise((resolve) => shim?.on('exit', resolve));
  shim?.kill('SIGTERM');
  assert.equal(await ended, 0, said);
}

/** The workload in a sandbox; resolves with its exit code. */
async function runWorkload(script: string): Promise<number> {
  for (const name of ['ws', 'ro', 'bundle']) mkdirSync(path(name), { recursive: true });
  writeFileSync(path('ro/keep'), 'kept');
  cpSync(script, path('bundle/workload.sh'));
  writeFileSync(path('bundle/config.json'), JSON.stringify(bundle()));
  writeFileSync(path('pod.json'), JSON.stringify(sessionFor(path('sink.sock'))));
  const runsc = spawn(
    'runsc',
    [
      ...[`--root=${path('root')}`, '--ignore-cgroups', '--network=none'],
      ...[`--pod-init-config=${path('pod.json')}`, ...flagsFor(path('boot.log'))],
      ...['run', '--bundle', path('bundle'), 'one'],
    ],
    { stdio: 'ignore', timeout: SANDBOX_MS_MAX },
  );
  return await new Promise((resolve) => runsc.on('exit', (code) => resolve(code ?? -1)));
}

function bundle(): unknown {
  const bind = (name: string, mode: string): unknown => {
    const at = path(name);
    return { destination: at, type: 'bind', source: at, options: ['bind', mode] };
  };
  const empty = (destination: string, type: string) => ({ destination, type, source: type });
  return {
    ociVersion: '1.0.0',
    process: {
      user: { uid: 0, gid: 0 },
      args: ['/bin/bash', path('bundle/workload.sh')],
      env: ['PATH=/usr/bin:/bin', `RO=${path('ro')}`, 'TOKEN=canary-of-the-environment'],
      cwd: path('ws'),
      capabilities: {},
    },
    root: { path: '/', readonly: true },
    mounts: [
      ...[empty('/proc', 'proc'), empty('/dev', 'tmpfs'), empty('/tmp', 'tmpfs')],
      ...[bind('ws', 'rw'), bind('ro', 'ro'), bind('bundle', 'ro')],
    ],
    linux: { namespaces: ['pid', 'ipc', 'uts', 'mount', 'network'].map((type) => ({ type })) },
  };
}

function finder(events: SandboxEvent[]) {
  return (kind: string, more: Record<string, unknown>): void => {
    const found = events.some(
      (event) =>
        event.kind === kind &&
        Object.entries(more).every(([name, value]) => readPath(event.fields, name) === value),
    );
    assert.ok(found, `${kind} ${JSON.stringify(more)}`);
  };
}

describe('a real sandbox of gVisor', () => {
  it('is told from first to last, and so is the next one', async (t) => {
    if (!isGiven(t)) return;
    await startShim();
    assert.equal(await runWorkload(WORKLOAD), 0);
    const again = path('again.sh');
    writeFileSync(again, ': > second; rm second');
    assert.equal(await runWorkload(again), 0);
    await stopShim();
    const has = finder(intake.events);
    has('process.exec', { 'process.exe': '/usr/bin/curl' });
    has('process.exit', { 'process.exit_code': 7 });
    has('file.open', { 'file.path': path('ws/esc'), 'file.real_path': '/etc/passwd' });
    has('file.symlink', { 'file.path': path('ws/esc'), 'file.target_path': '/etc/passwd' });
    has('file.rename', { 'file.path': path('ws/a.txt'), 'file.target_path': path('ws/b.txt') });
    has('file.create', { 'file.path': path('ro/x'), 'file.errno': 'EROFS' });
    has('file.delete', { 'file.path': path('ro/keep'), 'file.mount_mode': 'ro' });
    has('file.truncate', {
      'file.path': path('ws/b.txt'),
      'file.mount_mode': 'rw_no_delete',
      'file.delete_equivalent': 'truncate',
    });
    has('net.connect', { 'net.dst_port': 18_443 });
    has('net.listen', { 'net.src_port': 8_080 });
    has('file.delete', { 'file.path': path('ws/second') });
    // The workload makes a name that is no UTF-8, on which the sentry is silent.
    assert.ok(intake.of('telemetry.drop').length > 0);
    const [bye] = intake.of('telemetry.bye');
    assert.equal(readPath(bye?.fields, 'counts.unparsed'), 0);
    const [dropped, silent] = ['dropped', 'silent'].map((name) => {
      return Number(readPath(bye?.fields, `counts.${name}`));
    });
    assert.ok(silent! > 0);
    // On a busy machine the sentry drops; a process whose end was dropped is a gap, and rightly.
    if (dropped === silent) assert.equal(intake.of('telemetry.gap').length, 0);
    assert.ok(!JSON.stringify(intake.events).includes('canary-of-the-environment'));
  });

  it('is heard again when its shim comes back, and what was missed is counted', async (t) => {
    if (!isGiven(t)) return;
    await startShim();
    const script = path('on.sh');
    writeFileSync(script, 'for i in {1..40}; do : > f$i; /bin/sleep 0.1; done');
    const ended = runWorkload(script);
    await intake.until(({ fields }) => readPath(fields, 'file.path') === path('ws/f3'));
    shim!.kill('SIGKILL');
    await sleep(1_000);
    await startShim({ attach: 'one', runscRoot: path('root') });
    assert.equal(await ended, 0);
    await stopShim();
    const last = path('ws/f40');
    assert.ok(
      intake.events.some(({ fields }) => readPath(fields, 'file.path') === last),
      said,
    );
    const gap = intake.of('telemetry.gap').find(({ fields }) => 'dropped' in fields);
    assert.ok(Number(readPath(gap?.fields, 'dropped')) > 0, said);
  });

  it('does not start unseen', async (t) => {
    if (!isGiven(t)) return;
    await startShim();
    await stopShim();
    rmSync(path('sink.sock'), { force: true });
    assert.notEqual(await runWorkload(WORKLOAD), 0);
    assert.equal(existsSync(path('ws/a.txt')), false);
  });

  it('whose shim stands still loses messages, and the log has what they told', async (t) => {
    if (!isGiven(t)) return;
    await startShim();
    const flood = path('flood.sh');
    writeFileSync(flood, 'for ((i = 0; i < 4000; i++)); do : < /dev/null; done; : > end');
    const pid = shim!.pid!;
    // Nobody reads: the socket fills, the sentry tries ten times and drops.
    const stop = setTimeout(() => process.kill(pid, 'SIGSTOP'), 800);
    const ended = runWorkload(flood);
    await sleep(3_500);
    clearTimeout(stop);
    process.kill(pid, 'SIGCONT');
    assert.equal(await ended, 0);
    await stopShim();
    const [bye] = intake.of('telemetry.bye');
    const dropped = Number(readPath(bye?.fields, 'counts.dropped'));
    const seen = intake.events.filter(
      ({ kind, fields }) => kind === 'file.read' && readPath(fields, 'file.path') === '/dev/null',
    ).length;
    t.diagnostic(`${seen} of 4000 opens told, ${dropped} messages counted as lost`);
    assert.equal(seen, 4_000, 'the log has what the sink lost');
  });
});
