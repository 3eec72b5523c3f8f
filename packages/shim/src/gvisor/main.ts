/**
 * The gVisor shim as a process: listens for sentries through `sink.pl`, reads their log from a pipe
 * with a name, and prints the session and the flags that a `runsc` is started with.
 */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { watchEmitter } from '../adapter/emitter.ts';
import type { FeedInput } from '../adapter/feed.ts';
import { type Inputs, type Options, runStreamShim, type StreamShim } from '../adapter/main.ts';
import { ShimError } from '../error.ts';
import { GvisorAdapter } from './adapter.ts';
import { attach } from './attach.ts';
import { LOGGED_CALLS } from './log-line.ts';
import { sessionOf } from './session.ts';

const SINK = fileURLToPath(new URL('sink.pl', import.meta.url));
/** Names are at most PATH_MAX long. */
const LOG_BYTES = 4_096;

export const gvisorShim: StreamShim = {
  name: 'gvisor',
  framing: 'packets',
  adapter: (settings) => new GvisorAdapter(settings),
  inputs: listen,
};

interface GvisorOptions extends Options {
  endpoint?: string;
  log?: string;
  attach?: string;
  runscRoot?: string;
  printSession?: boolean;
  printFlags?: boolean;
}

/** Throws CONFIG_INVALID or PROCESS_FAILED. */
export async function runGvisorShim(
  options: GvisorOptions,
  print: (value: unknown) => void,
): Promise<number> {
  if (options.printSession === true) print(sessionFor(needed(options.endpoint, '--endpoint')));
  else if (options.printFlags === true) print(flagsFor(needed(options.log, '--log')));
  else return await runStreamShim(gvisorShim, options);
  return 0;
}

/** What `--pod-init-config` names, for the `runsc` of this machine. */
export function sessionFor(endpoint: string): unknown {
  const session = sessionOf(metadata(), endpoint);
  if (session !== undefined) return session;
  const hint = 'see the guide of gVisor for versions';
  throw new ShimError('PROCESS_FAILED', 'this runsc has no trace point that we know', hint);
}

/** For the log beside the sink. `log` names a pipe; other processes of runsc write beside it. */
export function flagsFor(log: string): string[] {
  return [
    `--debug-log=${log.replace(/boot(?=\.log$)/, '%COMMAND%')}`,
    '--debug-log-format=json',
    '--strace',
    `--strace-log-size=${LOG_BYTES}`,
    `--strace-syscalls=${LOGGED_CALLS.join(',')}`,
  ];
}

function metadata(): string {
  try {
    return execFileSync('runsc', ['trace', 'metadata'], { encoding: 'utf8' });
  } catch (cause) {
    const hint = 'sudo apt-get install -y runsc';
    throw new ShimError('PROCESS_FAILED', '`runsc trace metadata` does not work', hint, { cause });
  }
}

function listen(given: Record<string, unknown>, log: (line: string) => void): Inputs {
  const endpoint = needed(given.endpoint, '--endpoint');
  const sink = spawn('perl', [SINK, endpoint], { stdio: ['pipe', 'pipe', 'pipe'] });
  const { failed, stopping } = watchEmitter('the sink for gVisor', sink);
  sink.stdin.on('error', () => {});
  const inputs: FeedInput[] = [{ stream: sink.stdout, framing: 'packets' }];
  const attached = given.attach === undefined ? undefined : new PassThrough();
  if (attached !== undefined) inputs.push({ stream: attached, framing: 'packets' });
  createInterface({ input: sink.stderr }).on('line', (line) => {
    if (line !== 'ready') log(`gvisor: sink: ${line}`);
    else attached?.end(attachTo(given, endpoint, log));
  });
  const pipe = given.log === undefined ? undefined : pipeOf(needed(given.log, '--log'));
  if (pipe !== undefined) inputs.push({ stream: pipe, framing: 'lines' });
  // What the sentries have said is read to its end before the pipe is let go.
  sink.stdout.on('close', () => {
    pipe?.end(() => pipe.destroy());
    if (attached?.writableEnded === false) attached.end();
  });
  const stop = (): void => {
    stopping();
    sink.stdin.end();
  };
  return { inputs, stop, failed };
}

/** Once the sink listens. What cannot be attached to is said, and those that connect are heard. */
function attachTo(
  given: Record<string, unknown>,
  endpoint: string,
  log: (line: string) => void,
): Buffer {
  try {
    const root = given.runscRoot === undefined ? {} : { root: String(given.runscRoot) };
    const container = needed(given.attach, '--attach');
    return attach({ container, ...root, session: sessionFor(endpoint) });
  } catch (error) {
    log(`gvisor: ${(error as Error).message}`);
    return Buffer.alloc(0);
  }
}

/** Open for both, so that it has no end while a sandbox is replaced by the next. */
function pipeOf(path: string): Socket {
  if (!path.endsWith('boot.log')) {
    const hint = 'runsc writes one log for each of its processes; the sentry is `boot`';
    throw new ShimError('CONFIG_INVALID', `--log ${path} does not end in boot.log`, hint);
  }
  if (!existsSync(path)) execFileSync('mkfifo', ['-m', '600', path]);
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    return new Socket({ fd, readable: true, writable: false });
  } catch (cause) {
    closeSync(fd);
    throw new ShimError('CONFIG_INVALID', `--log ${path} is no pipe`, 'remove it', { cause });
  }
}

function needed(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new ShimError('CONFIG_INVALID', `${name} is missing`, 'vitrine shim gvisor --help');
}
