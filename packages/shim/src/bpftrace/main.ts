/**
 * The bpftrace shim as a process: starts bpftrace over the cgroup of a sandbox, and reads what it
 * writes. Needs root, and a kernel with BTF and tracepoints.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { watchEmitter } from '../adapter/emitter.ts';
import { type Inputs, type Options, runStreamShim, type StreamShim } from '../adapter/main.ts';
import { programPath } from '../config.ts';
import { ShimError } from '../error.ts';
import { BpftraceAdapter } from './adapter.ts';
import { programOf, TRACED_CALLS } from './program.ts';

const TRACING = '/sys/kernel/tracing/events/syscalls';
/** 200 is the longest string of this version. */
const STRING_BYTES = '200';
/** Pages of 4 KiB for each processor: what 0.5 s of a busy one write. */
const BUFFER_PAGES = '4096';
/** So long without a record means that none is left. */
const QUIET_MS = 1_000;
const STOP_MS_MAX = 10_000;
const SAFE_PATH = /^\/[\w./:@-]+$/;

export const bpftraceShim: StreamShim = {
  name: 'bpftrace',
  framing: 'lines',
  adapter: (settings) => new BpftraceAdapter(settings, monotonicZero()),
  inputs: trace,
};

interface BpftraceOptions extends Options {
  cgroup?: string;
  printProgram?: boolean;
}

/** Throws CONFIG_INVALID or PROCESS_FAILED. */
export async function runBpftraceShim(
  options: BpftraceOptions,
  print: (value: unknown) => void,
): Promise<number> {
  if (options.printProgram !== true) return await runStreamShim(bpftraceShim, options);
  print(programFor(options.cgroup));
  return 0;
}

/** The program for a cgroup, with the tracepoints this kernel has. */
export function programFor(cgroup: unknown): string {
  if (typeof cgroup !== 'string' || !SAFE_PATH.test(cgroup) || !existsSync(cgroup)) {
    const hint = 'the directory of the sandbox below the mount of cgroup v2';
    throw new ShimError('CONFIG_INVALID', '--cgroup names no directory', hint);
  }
  if (!existsSync(TRACING)) {
    const hint = 'mount -t tracefs none /sys/kernel/tracing';
    throw new ShimError('PROCESS_FAILED', `${TRACING} is not there`, hint);
  }
  const has = (name: string): boolean => existsSync(join(TRACING, `sys_enter_${name}`));
  return programOf(cgroup, new Set(TRACED_CALLS.filter(has)));
}

/** `nsecs` is CLOCK_MONOTONIC, as is Node's own high-resolution time. */
function monotonicZero(): bigint {
  return BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
}

function trace(given: Record<string, unknown>, log: (line: string) => void): Inputs {
  const child = spawn('bpftrace', ['-f', 'json', '-B', 'line', '-e', programFor(given.cgroup)], {
    env: {
      PATH: programPath(),
      BPFTRACE_STRLEN: STRING_BYTES,
      BPFTRACE_PERF_RB_PAGES: BUFFER_PAGES,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { failed, stopping } = watchEmitter('bpftrace', child);
  createInterface({ input: child.stderr }).on('line', (line) => {
    // Said by every start, and without a consequence.
    if (!line.includes('RLIMIT_MEMLOCK')) log(`bpftrace: ${line}`);
  });
  const inputs: Inputs['inputs'] = [{ stream: child.stdout, framing: 'lines' }];
  let heardAt = performance.now();
  child.stdout.on('data', () => {
    heardAt = performance.now();
  });
  // bpftrace ends without a look at what is left in its buffers: it is given time to read them.
  const stop = (): void => {
    stopping();
    const waiting = setInterval(() => {
      if (performance.now() - heardAt < QUIET_MS) return;
      clearInterval(waiting);
      child.kill('SIGINT');
    }, QUIET_MS / 4);
    setTimeout(() => child.kill('SIGINT'), STOP_MS_MAX).unref();
  };
  return { inputs, stop, failed };
}
