/**
 * Builds the dashboard with Next when its sources have changed. One process at a time builds.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants, existsSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment } from '../config.ts';
import { CliError, sentenceOf, systemCode } from '../error.ts';
import {
  type Build,
  claimBuild,
  claimCurrent,
  distFor,
  removeUnused,
  stamp,
  unstamp,
} from './builds.ts';
import { CLONE, nextEnvironment, nextProgram, type Place, TETHER } from './place.ts';
import { hashOfSources } from './sources.ts';

export interface BuildOptions {
  /** One line about the work. */
  log: (line: string) => void;
  signal: AbortSignal;
  place?: Place;
  /** How long another process may be building. */
  lockMsMax?: number;
}

const LOCK_POLL_MS = 250;
/** A build takes 20 s on two cores; a machine under load gets ten times that. */
const LOCK_MS_MAX = 200_000;
const LINES_KEPT = 12;
const PROGRESS_MS = 5_000;
const NAME_CHARS = 32;

/** Resolves with the build of the sources as they are, claimed for this process. */
export async function buildDashboard(options: BuildOptions): Promise<Build> {
  const { place = CLONE } = options;
  const ready = claimCurrent(place);
  if (ready !== undefined) return ready;
  assertWritable(place);
  const lock = await lockBuild(place, options);
  try {
    // Whoever held the lock may have built it.
    return claimCurrent(place) ?? (await newBuild(place, options));
  } finally {
    lock.close();
  }
}

async function newBuild(place: Place, options: BuildOptions): Promise<Build> {
  const hash = hashOfSources(place);
  const dist = distFor(place, hash);
  removeUnused(place, dist);
  unstamp(place, dist);
  await nextBuild(place, dist, options);
  stamp(place, dist, hash);
  return claimBuild(place, dist);
}

function assertWritable({ app }: Place): void {
  try {
    accessSync(app, constants.W_OK);
  } catch (cause) {
    const message = `the dashboard must be built, and ${app} cannot be written`;
    const hint = 'npm run build, as the user who owns this clone; or --no-dashboard';
    throw new CliError('DASHBOARD_FAILED', message, hint, { cause });
  }
}

/** An abstract Unix socket named after the folder: the kernel frees it when the process dies. */
async function lockBuild(
  { app }: Place,
  { log, signal, lockMsMax = LOCK_MS_MAX }: BuildOptions,
): Promise<Server> {
  const name = createHash('sha256').update(app).digest('hex').slice(0, NAME_CHARS);
  const until = Date.now() + lockMsMax;
  for (let tries = 1; Date.now() < until; tries++) {
    const server = createServer((connection) => connection.destroy());
    try {
      server.listen(`\0vitrine-build-${name}`);
      await once(server, 'listening');
      return server;
    } catch (error) {
      if (systemCode(error) !== 'EADDRINUSE') throw error;
    }
    if (tries === 1) log('another process builds the dashboard: waiting for it');
    await sleep(LOCK_POLL_MS, undefined, { signal });
  }
  // Any user of this machine can hold the name: waiting must end.
  const message = `another process holds the dashboard's build for ${lockMsMax / 1_000} s`;
  throw new CliError('DASHBOARD_FAILED', message, 'end that process, or use --no-dashboard');
}

async function nextBuild(place: Place, dist: string, { log, signal }: BuildOptions): Promise<void> {
  const first = existsSync(join(place.app, '.next')) ? 'its sources have changed' : 'first start';
  log(`building the dashboard (${first}: about 15 s)`);
  const began = Date.now();
  const seconds = (): string => `${Math.round((Date.now() - began) / 1_000)} s`;
  const child = spawn(process.execPath, ['--import', TETHER, nextProgram(place), 'build'], {
    cwd: place.app,
    env: childEnvironment(nextEnvironment(dist)),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const last: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      if (line.trim() === '') return;
      last.push(line.trim());
      if (last.length > LINES_KEPT) last.shift();
    });
  }
  // It is waited for in any case: the lock is held for as long as it lives.
  const giveUp = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', giveUp, { once: true });
  const timer = setInterval(() => log(`building the dashboard: ${seconds()}`), PROGRESS_MS);
  try {
    if (signal.aborted) giveUp();
    const [code] = (await once(child, 'close')) as [number | null];
    signal.throwIfAborted();
    if (code === 0) return log(`built the dashboard in ${seconds()}`);
    const message = `the build of the dashboard ended with ${code ?? 'a signal'}`;
    throw new CliError('DASHBOARD_FAILED', message, last.join(' | '));
  } catch (cause) {
    if (cause instanceof CliError || signal.aborted) throw cause;
    const message = `the dashboard cannot be built: ${sentenceOf(cause)}`;
    throw new CliError('DASHBOARD_FAILED', message, '', { cause });
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', giveUp);
  }
}
