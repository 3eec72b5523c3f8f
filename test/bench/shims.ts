/**
 * What a shim costs: the same commands in the same sandbox with it and without it, in pairs. The
 * figure to go by is processor time, of the workload and of everything that watches it, for what
 * else the machine does hardly changes that (a control group counts it, so that needs root); the
 * time that a user waits is printed beside it.
 * `npm run bench -- shims 5` runs five pairs of each. Sources whose program is not here, or needs
 * root, are named and left out.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { flagsFor, sessionFor } from '../../packages/shim/src/gvisor/main.ts';
import { Trace } from '../../packages/shim/src/run/trace.ts';
import { straceArguments } from '../../packages/shim/src/sandbox/strace.ts';
import { StageIntake } from '../../packages/shim/src/stage/intake.ts';
import { printFigure, printMachine, sizeAsked } from './measure/bench.ts';
import { CpuGroup } from './measure/cgroup.ts';

const PAIRS_DEFAULT = 5;
const ATTACH_MS_MAX = 120_000;
const SHIM = fileURLToPath(new URL('../../packages/shim/bin/shim.mjs', import.meta.url));
const WORKLOADS: Readonly<Record<string, string>> = {
  'programs, 100': 'for ((i = 0; i < 100; i++)); do /bin/true; done',
  'files, 300': 'for ((i = 0; i < 300; i++)); do : > a; : < a; done; rm a',
  computing: 'for ((i = 0; i < 150000; i++)); do ((x += i * i)); done',
};

const pairs = sizeAsked(PAIRS_DEFAULT);
const dir = mkdtempSync(join(tmpdir(), 'vitrine-bench-shims-'));
const workspace = join(dir, 'ws');
mkdirSync(workspace);
const intake = await new StageIntake().start();
const environment = { PATH: '/usr/bin:/bin' };
const group = CpuGroup.enter(basename(dir));

type Runner = (script: string) => Promise<void>;

printMachine();
console.log(
  `pairs    ${pairs}; each ratio is one run with the shim over the run before it without`,
);
try {
  await withStrace(false);
  await withStrace(true);
  await withBpftrace();
  await withGvisor();
} finally {
  await intake.end();
  group?.leave();
  rmSync(dir, { recursive: true, force: true });
}

function bwrap(script: string): string[] {
  const mounts = ['--ro-bind', '/', '/', '--dev', '/dev', '--bind', workspace, workspace];
  const apart = ['--unshare-all', '--cap-drop', 'ALL', '--die-with-parent', '--chdir', workspace];
  return ['bwrap', ...mounts, ...apart, '/bin/bash', '-c', script];
}

async function run([program = '', ...args]: string[]): Promise<void> {
  const child = spawn(program, args, { env: environment, stdio: 'ignore' });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
}

function bare(script: string): Promise<void> {
  return run(bwrap(script));
}

async function compare(name: string, without: Runner, withShim: Runner): Promise<void> {
  for (const [workload, script] of Object.entries(WORKLOADS)) {
    const processor: number[] = [];
    const waited: number[] = [];
    for (let pair = 0; pair <= pairs; pair++) {
      const base = await spent(() => without(script));
      const cost = await spent(() => withShim(script));
      // In the first pair files are read from the disk.
      if (pair === 0) continue;
      if (group !== undefined) processor.push(cost.cpuMs / base.cpuMs);
      waited.push(cost.ms / base.ms);
    }
    if (group !== undefined) printFigure(`${name}: ${workload}, processor`, processor, 'times');
    printFigure(`${name}: ${workload}, waiting`, waited, 'times');
  }
}

/** `cpuMs`: of the workload, of what runs it, and of the shims. */
async function spent(work: () => Promise<void>): Promise<{ ms: number; cpuMs: number }> {
  const began = performance.now();
  const before = group?.spentMs ?? 0;
  await work();
  return { ms: performance.now() - began, cpuMs: (group?.spentMs ?? 0) - before };
}

/** The shim is a process of each run: it ends with it, and counts. */
async function withStrace(fast: boolean): Promise<void> {
  const name = fast ? 'strace --fast' : 'strace';
  if (spawnSync('strace', ['-V']).status !== 0) return console.log(`${name}: no strace here`);
  await compare(name, bare, async (script) => {
    const output = join(dir, 'fifo');
    const trace = Trace.start({
      fifo: output,
      intake: intake.socket,
      forwarder: '/usr/bin/bwrap',
      secrets: [],
      grants: [{ path: workspace, mode: 'rw' }],
      onLost: (lines, reason) => console.log(`${lines} lines lost: ${reason}`),
      log: console.log,
    });
    await run(['strace', ...straceArguments({ output, fast, command: bwrap(script) })]);
    await trace.finish();
    rmSync(output);
  });
}

async function withBpftrace(): Promise<void> {
  const works = spawnSync('bpftrace', ['-e', 'BEGIN { exit(); }']).status === 0;
  if (!works || group === undefined) return console.log('bpftrace: not to be had here');
  const cgroup = join(group.dir, 'watched');
  mkdirSync(cgroup);
  const began = performance.now();
  const shim = startShim('bpftrace', { cgroup });
  try {
    while (intake.of('telemetry.hello').length === 0) {
      if (performance.now() - began > ATTACH_MS_MAX) return console.log('bpftrace: not attached');
      await sleep(100);
    }
    printFigure('bpftrace: until it is attached', [performance.now() - began], 'ms');
    const enter = 'echo $$ > "$0/cgroup.procs"; exec "$@"';
    const inside: Runner = (script) => run(['/bin/sh', '-c', enter, cgroup, ...bwrap(script)]);
    const outside: Runner = (script) => run(['/bin/sh', '-c', 'exec "$@"', '', ...bwrap(script)]);
    await compare('bpftrace', outside, inside);
  } finally {
    await stopShim(shim);
    rmdirSync(cgroup);
  }
}

async function withGvisor(): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || spawnSync('runsc', ['--version']).status !== 0) {
    return console.log('gVisor: needs root and runsc');
  }
  const endpoint = join(dir, 'sink.sock');
  const log = join(dir, 'boot.log');
  const shim = startShim('gvisor', { endpoint, log });
  while (!existsSync(endpoint)) await sleep(20);
  const session = join(dir, 'pod.json');
  writeFileSync(session, JSON.stringify(sessionFor(endpoint)));
  const monitored = [`--pod-init-config=${session}`, ...flagsFor(log)];
  try {
    await compare('gVisor', bare, (script) => runsc([], script));
    await compare(
      'gVisor, monitored',
      (script) => runsc([], script),
      (script) => runsc(monitored, script),
    );
  } finally {
    await stopShim(shim);
  }
}

async function runsc(flags: string[], script: string): Promise<void> {
  const bundle = join(dir, 'bundle');
  mkdirSync(bundle, { recursive: true });
  const mount = {
    destination: workspace,
    type: 'bind',
    source: workspace,
    options: ['bind', 'rw'],
  };
  const config = {
    ociVersion: '1.0.0',
    process: { user: { uid: 0, gid: 0 }, args: ['/bin/bash', '-c', script], cwd: workspace },
    root: { path: '/', readonly: true },
    mounts: [mount, { destination: '/dev', type: 'tmpfs', source: 'tmpfs' }],
    linux: { namespaces: ['pid', 'ipc', 'uts', 'mount', 'network'].map((type) => ({ type })) },
  };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
  const own = [`--root=${join(dir, 'root')}`, '--ignore-cgroups', '--network=none'];
  await run(['runsc', ...own, ...flags, 'run', '--bundle', bundle, 'bench']);
}

function startShim(name: string, given: Record<string, unknown>): ChildProcess {
  intake.events.length = 0;
  const settings = { intake: intake.socket, grants: [{ path: workspace, mode: 'rw' }], ...given };
  return spawn(process.execPath, [SHIM, name], {
    env: { PATH: process.env.PATH, VITRINE_SETTINGS: JSON.stringify(settings) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function stopShim(shim: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => shim.on('exit', resolve));
  shim.kill('SIGTERM');
  await ended;
  const losses = intake.of('telemetry.drop');
  if (losses.length > 0) console.log(`its losses: ${JSON.stringify(losses.at(-1)?.fields)}`);
}
