/**
 * Builds the dashboard with Next when its sources have changed. One process at a time builds, and
 * never under the feet of a dashboard that runs from the same folder.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment } from '../config.ts';
import { CliError, sentenceOf, systemCode } from '../error.ts';
import { processStart } from '../system/machine.ts';
import { CLONE, distOf, nextProgram, type Place, TETHER } from './place.ts';
import { hashOfSources } from './sources.ts';

export interface BuildOptions {
  /** One line about the work. */
  log: (line: string) => void;
  signal: AbortSignal;
  place?: Place;
}

/** The hash of the sources that were built; written last, gone while a build is under way. */
const STAMP = 'vitrine-build';
/** Files of this folder are named after the processes that serve from the build. */
const USERS = 'vitrine-users';
const LOCK_POLL_MS = 250;
const LINES_KEPT = 12;
const PROGRESS_MS = 5_000;
const NAME_CHARS = 32;

/** Resolves when `.next` is the build of the sources as they are. */
export async function buildDashboard(options: BuildOptions): Promise<void> {
  const { place = CLONE, log, signal } = options;
  if (isCurrent(place)) return;
  assertWritable(place);
  const lock = await lockBuild(place, log, signal);
  try {
    // Whoever held the lock may have built it.
    if (isCurrent(place)) return;
    assertUnused(place);
    const hash = hashOfSources(place);
    await nextBuild(place, options);
    writeFileSync(join(distOf(place), STAMP), hash);
  } finally {
    lock.close();
  }
}

export function isCurrent(place: Place = CLONE): boolean {
  const stamp = join(distOf(place), STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hashOfSources(place);
}

/** Says that a process serves from the build; the function takes it back. */
export function claimBuild(pid: number, place: Place = CLONE): () => void {
  const file = join(distOf(place), USERS, String(pid));
  try {
    mkdirSync(join(distOf(place), USERS), { recursive: true });
    writeFileSync(file, processStart(pid) ?? '');
  } catch {
    // Someone else's clone: who may not write here may not build here either.
  }
  return () => {
    try {
      rmSync(file, { force: true });
    } catch {
      // As above.
    }
  };
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

/** A build replaces files that a running dashboard has yet to read. */
function assertUnused(place: Place): void {
  const dir = join(distOf(place), USERS);
  const names = existsSync(dir) ? readdirSync(dir) : [];
  const user = names.find((name) => {
    return readFileSync(join(dir, name), 'utf8') === processStart(Number(name));
  });
  if (user === undefined) return;
  const message = `the dashboard has changed, and process ${user} serves the build of before`;
  const hint = `end the system that process ${user} belongs to, or --no-dashboard`;
  throw new CliError('DASHBOARD_FAILED', message, hint);
}

/** An abstract Unix socket named after the folder: the kernel frees it when the process dies. */
async function lockBuild(
  { app }: Place,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<Server> {
  const name = createHash('sha256').update(app).digest('hex').slice(0, NAME_CHARS);
  for (let tries = 1; ; tries++) {
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
}

async function nextBuild(place: Place, { log, signal }: BuildOptions): Promise<void> {
  const first = existsSync(distOf(place)) ? 'its sources have changed' : 'first start';
  log(`building the dashboard (${first}: about 15 s)`);
  rmSync(join(distOf(place), STAMP), { force: true });
  const began = Date.now();
  const seconds = (): string => `${Math.round((Date.now() - began) / 1_000)} s`;
  const child = spawn(process.execPath, ['--import', TETHER, nextProgram(place), 'build'], {
    cwd: place.app,
    env: childEnvironment({ NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }),
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
