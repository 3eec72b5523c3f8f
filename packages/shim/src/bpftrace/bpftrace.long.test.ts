/**
 * The shim over a real sandbox: bubblewrap in a cgroup of its own, seen from the host's kernel.
 * Needs root, bpftrace, bubblewrap, cgroup v2 and a kernel that lets programs be attached.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readPath } from '@vitrine/schema';
import { StageIntake } from '../stage/intake.ts';

const ENTRY = fileURLToPath(new URL('../../bin/shim.mjs', import.meta.url));
const WORKLOAD = fileURLToPath(new URL('../../fixtures/workload.sh', import.meta.url));
/** bpftrace compiles its program at each start. */
const ATTACH_MS_MAX = 90_000;
const NOT_ATTACHED = 'this kernel attaches no program of bpftrace';

let root: string;
let intake: StageIntake;
let shim: ChildProcess | undefined;
let cgroup: string | undefined;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'vitrine-bpftrace-'));
  intake = await new StageIntake().start();
});
afterEach(async () => {
  shim?.kill('SIGKILL');
  await intake.end();
  rmSync(root, { recursive: true, force: true });
  if (cgroup !== undefined) rmdirSync(cgroup);
});

/** Whether the kernel attaches a program; why not, else. */
function obstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const probe = spawnSync('bpftrace', ['-e', 'BEGIN { printf("attached"); exit(); }']);
  if (probe.error !== undefined) return 'needs bpftrace: sudo apt-get install -y bpftrace';
  if (!probe.stdout.includes('attached')) return NOT_ATTACHED;
  if (spawnSync('bwrap', ['--version']).status !== 0) return 'needs bubblewrap';
  spawnSync('mount', ['-t', 'tracefs', 'none', '/sys/kernel/tracing']);
  const mount = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, , type]) => type === 'cgroup2')?.[1];
  if (mount === undefined) return 'needs cgroup v2';
  try {
    cgroup = join(mount, basename(root));
    mkdirSync(cgroup);
  } catch {
    cgroup = undefined;
    return 'may make no cgroup here';
  }
  return undefined;
}

/**
 * What the kernel does not allow cannot be installed: then the shim has to say so, which is looked
 * at instead. Whatever else is missing is a failure where everything is required.
 */
async function isGiven(t: TestContext): Promise<boolean> {
  const without = obstacle();
  if (without === undefined) return true;
  if (process.env.VITRINE_REQUIRE !== 'all') t.skip(without);
  else if (!without.startsWith(NOT_ATTACHED)) throw new Error(`cannot run: ${without}`);
  else await failsAloud([]);
  return false;
}

/** The shim ends with what bpftrace says, and has claimed nothing before. */
async function failsAloud(before: string[]): Promise<void> {
  const settings = { intake: intake.socket, cgroup: cgroup ?? '/sys/fs/cgroup', grants: [] };
  const [command, ...args] = [...before, process.execPath, ENTRY, 'bpftrace'];
  shim = spawn(command!, args, {
    env: { PATH: process.env.PATH, VITRINE_SETTINGS: JSON.stringify(settings) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  shim.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  const [code] = await once(shim, 'exit');
  assert.notEqual(code, 0, said);
  assert.match(said, /bpftrace ended|PROCESS_FAILED/);
  const kinds = intake.events.map(({ kind }) => kind);
  assert.ok(!kinds.includes('process.exec'), String(kinds));
}

describe('a host whose kernel attaches nothing', () => {
  it('hears so from the shim, which does not go on as if it watched', async (t) => {
    const without = obstacle();
    if (without !== undefined && !without.startsWith(NOT_ATTACHED)) {
      if (process.env.VITRINE_REQUIRE === 'all') throw new Error(`cannot run: ${without}`);
      return t.skip(without);
    }
    // Root without capabilities: bpf() and perf_event_open() are refused as by such a kernel.
    await failsAloud(['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--']);
  });
});

describe('a real sandbox, from the host', () => {
  it('is told with real paths, denials and modes of mounts', async (t) => {
    if (!(await isGiven(t))) return;
    for (const name of ['ws', 'ro']) mkdirSync(join(root, name));
    writeFileSync(join(root, 'ro/keep'), 'kept');
    const settings = {
      intake: intake.socket,
      cgroup,
      grants: [
        { path: join(root, 'ws'), mode: 'rw_no_delete' },
        { path: join(root, 'ro'), mode: 'ro' },
      ],
    };
    let said = '';
    const began = performance.now();
    shim = spawn(process.execPath, [ENTRY, 'bpftrace'], {
      env: { PATH: process.env.PATH, VITRINE_SETTINGS: JSON.stringify(settings) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    shim.stderr?.on('data', (chunk) => {
      said += chunk;
    });
    const ended = new Promise((resolve) => shim?.on('exit', resolve));
    const hello = await Promise.race([untilHello(), ended.then(() => false)]);
    assert.equal(hello, true, said);
    t.diagnostic(`attached after ${Math.round(performance.now() - began)} ms`);
    const inside = [
      ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp'],
      ...['--bind', join(root, 'ws'), join(root, 'ws')],
      ...['--ro-bind', join(root, 'ro'), join(root, 'ro')],
      ...['--ro-bind', dirname(WORKLOAD), dirname(WORKLOAD)],
      ...['--unshare-all', '--cap-drop', 'ALL', '--die-with-parent', '--new-session'],
      ...['--setenv', 'RO', join(root, 'ro'), '--chdir', join(root, 'ws')],
    ];
    const enter = 'echo $$ > "$0/cgroup.procs"; exec "$@"';
    const command = ['-c', enter, cgroup!, 'bwrap', ...inside, '/bin/bash', WORKLOAD];
    spawnSync('/bin/sh', command, { env: { PATH: '/usr/bin:/bin' }, stdio: 'ignore' });
    await intake.until(({ fields }) => readPath(fields, 'file.path') === join(root, 'ws/rolink'));
    shim.kill('SIGTERM');
    assert.equal(await ended, 0, said);
    check();
  });

  async function untilHello(): Promise<boolean> {
    const until = performance.now() + ATTACH_MS_MAX;
    while (performance.now() < until) {
      if (intake.of('telemetry.hello').length > 0) return true;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return false;
  }

  function check(): void {
    const has = (kind: string, more: Record<string, unknown>): void => {
      const found = intake.events.some(
        (event) =>
          event.kind === kind &&
          Object.entries(more).every(([name, value]) => readPath(event.fields, name) === value),
      );
      const like = intake.of(kind).map(({ fields }) => readPath(fields, 'file'));
      assert.ok(found, `${kind} ${JSON.stringify(more)} in ${JSON.stringify(like)}`);
    };
    const ws = join(root, 'ws');
    has('process.exec', { 'process.exe': '/usr/bin/curl' });
    has('process.exit', { 'process.exit_code': 7 });
    has('file.read', { 'file.path': join(ws, 'esc'), 'file.real_path': '/etc/passwd' });
    has('file.symlink', { 'file.path': join(ws, 'esc'), 'file.target_path': '/etc/passwd' });
    has('file.rename', { 'file.path': join(ws, 'a.txt'), 'file.target_path': join(ws, 'b.txt') });
    has('file.create', { 'file.path': join(root, 'ro/x'), 'file.errno': 'EROFS' });
    has('file.delete', { 'file.path': join(root, 'ro/keep'), 'file.mount_mode': 'ro' });
    has('file.truncate', {
      'file.path': join(ws, 'b.txt'),
      'file.mount_mode': 'rw_no_delete',
      'file.delete_equivalent': 'truncate',
    });
    has('net.connect', { 'net.dst_ip': '127.0.0.1', 'net.dst_port': 18_443 });
    has('net.listen', { 'net.src_ip': '0.0.0.0', 'net.src_port': 8_080 });
    has('syscall', { 'syscall.name': 'unshare', 'syscall.result': 'EPERM' });
    const [bye] = intake.of('telemetry.bye');
    assert.equal(readPath(bye?.fields, 'counts.unparsed'), 0);
  }
});
