/**
 * Starts the collector as a process of its own, waits until it is ready, and stops it again. The
 * process gets its own group, so that Ctrl-C reaches it once and through us.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isObject, type JsonObject } from '@vitrine/schema';
import { CliError } from '../error.ts';
import { type RunningSystem, readRunFile, runningSystem } from './data-dir.ts';

export const COLLECTOR = fileURLToPath(
  new URL('../../../collector/bin/collector.mjs', import.meta.url),
);
/** A store of ten million records is ready in 5 s; a slow disk gets more. */
const READY_MS_MAX = 60_000;
/** Draining relays, the last seal and the engine's own end. */
const STOP_MS_MAX = 30_000;
const LINES_KEPT = 40;

export interface CollectorProcess {
  system: RunningSystem;
  readyMs: number;
  /** Resolves with the exit code when the process ends, for whatever reason. */
  ended: Promise<number | null>;
  /** Ends it in order; resolves when it is gone. */
  stop(): Promise<void>;
}

export interface CollectorOptions {
  dataDir: string;
  configFile?: string;
  /** Each line the collector says about its work. */
  log: (line: string) => void;
  /** Gives the start up; the promise is then rejected. */
  signal: AbortSignal;
}

export async function startCollectorProcess(options: CollectorOptions): Promise<CollectorProcess> {
  const { dataDir, configFile, log } = options;
  const running = readRunFile(dataDir);
  if (running !== undefined) {
    const message = `a system runs in ${dataDir} already (process ${running.pid})`;
    const hint = `use it as it is, or end it first: kill ${running.pid}`;
    throw new CliError('ALREADY_RUNNING', message, hint);
  }
  const started = Date.now();
  const args = [COLLECTOR, '--data', dataDir];
  if (configFile !== undefined) args.push('--config', configFile);
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const last: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    last.push(line);
    if (last.length > LINES_KEPT) last.shift();
    log(line);
  });
  const giveUp = (): void => void child.kill('SIGTERM');
  options.signal.addEventListener('abort', giveUp, { once: true });
  await readyLine(child, last);
  options.signal.removeEventListener('abort', giveUp);
  return {
    system: runningSystem(dataDir),
    readyMs: Date.now() - started,
    ended,
    stop: () => stop(child, ended),
  };
}

/** Waits for `ready {…}`; an end before that becomes the collector's own coded error. */
function readyLine(child: ChildProcess, last: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      const message = `the collector was not ready within ${READY_MS_MAX / 1_000} s`;
      reject(new CliError('START_FAILED', message, last.at(-1) ?? ''));
    }, READY_MS_MAX);
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (!line.startsWith('ready')) return;
      clearTimeout(timer);
      resolve();
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      reject(startError(last, code));
    });
    child.once('error', (cause) => {
      clearTimeout(timer);
      reject(new CliError('START_FAILED', 'the collector cannot be started', '', { cause }));
    });
  });
}

/** The coded error in the collector's last words, or those words. */
export function startError(last: string[], code: number | null): CliError {
  for (const line of last.toReversed()) {
    const coded = parseCoded(line);
    if (coded !== undefined) return coded;
  }
  const at = last.findLastIndex((line) => /^error [A-Z_]+: /.test(line));
  const [, name, message] = /^error ([A-Z_]+): (.*)$/.exec(last[at] ?? '') ?? [];
  if (name !== undefined && message !== undefined) {
    const hint = /^ +hint: (.*)$/.exec(last[at + 1] ?? '')?.[1] ?? '';
    return new CliError(name, message, hint);
  }
  const words = last.slice(-5).join(' | ') || 'it said nothing';
  return new CliError('START_FAILED', `the collector ended with ${code ?? 'a signal'}`, words);
}

function parseCoded(line: string): CliError | undefined {
  const text = /\{.*\}/.exec(line)?.[0];
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isCoded(value)) return undefined;
  return new CliError(value.code, value.message, value.hint ?? '');
}

function isCoded(value: unknown): value is JsonObject & {
  code: string;
  message: string;
  hint?: string;
} {
  return isObject(value) && typeof value.code === 'string' && typeof value.message === 'string';
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
  await ended;
  clearTimeout(timer);
}
