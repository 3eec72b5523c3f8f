/**
 * Runs the dashboard as a process of its own beside the collector: built when it must be, waited
 * for until it answers, gone when we are gone. `dashboard.json` in the data directory says where it
 * is, exactly while it runs.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment } from '../config.ts';
import { CliError } from '../error.ts';
import type { RunningSystem } from '../system/data-dir.ts';
import { isPortFree, processStart } from '../system/machine.ts';
import { buildDashboard } from './build.ts';
import { CLONE, nextEnvironment, nextProgram, type Place, TETHER } from './place.ts';
import { DASHBOARD_FILE } from './whereabouts.ts';

export interface DashboardProcess {
  url: string;
  /** Resolves with the exit code when the process ends, for whatever reason. */
  ended: Promise<number | null>;
  /** Ends it in order; resolves when it is gone. */
  stop(): Promise<void>;
}

export interface DashboardOptions {
  system: RunningSystem;
  log: (line: string) => void;
  /** Gives the start up; the promise is then rejected. */
  signal: AbortSignal;
  place?: Place;
}

/** Whoever is not on this machine comes through a proxy of their own. */
const HOST = '127.0.0.1';
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const START_MS_MAX = 60_000;
const STOP_MS_MAX = 5_000;
const POLL_MS = 50;
const LINES_KEPT = 12;
const PRIVATE_MODE = 0o600;

export async function startDashboard(options: DashboardOptions): Promise<DashboardProcess> {
  const { system, place = CLONE, signal, log } = options;
  const { dashboardPort: port, dataDir } = system;
  if (!(await isPortFree(port, HOST))) throw portTaken(port);
  const build = await buildDashboard({ place, log, signal });
  const child = spawnNext(place, build.dist, system);
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const file = join(dataDir, DASHBOARD_FILE);
  void ended.then(() => {
    build.release();
    rmSync(file, { force: true });
  });
  const url = `http://${HOST}:${port}`;
  try {
    await answers(child, url, signal);
  } catch (error) {
    await stop(child, ended);
    throw error;
  }
  const { pid = 0 } = child;
  const running = { pid, start: processStart(pid), url, dist: build.dist };
  writeFileSync(file, JSON.stringify(running), { mode: PRIVATE_MODE });
  return { url, ended, stop: () => stop(child, ended) };
}

function spawnNext(place: Place, dist: string, system: RunningSystem): ChildProcess {
  const { hostname } = new URL(system.publicUrl);
  const args = ['--import', TETHER, nextProgram(place)];
  args.push('start', '-p', String(system.dashboardPort), '-H', HOST);
  return spawn(process.execPath, args, {
    cwd: place.app,
    // Ctrl-C reaches it once, through us.
    detached: true,
    env: childEnvironment({
      ...nextEnvironment(dist),
      VITRINE_API: system.api,
      VITRINE_HOSTS: LOOPBACK.test(hostname) ? '' : hostname,
    }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Waits for its own word that it is ready, then for an answer; its end before that is an error. */
async function answers(child: ChildProcess, url: string, signal: AbortSignal): Promise<void> {
  const last: string[] = [];
  let isReady = false;
  for (const input of [child.stdout!, child.stderr!]) {
    createInterface({ input }).on('line', (line) => {
      if (/\bReady in\b/.test(line)) isReady = true;
      last.push(line.trim());
      if (last.length > LINES_KEPT) last.shift();
    });
  }
  const deadline = Date.now() + START_MS_MAX;
  for (;;) {
    signal.throwIfAborted();
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      const message = `the dashboard ended with ${child.exitCode ?? child.signalCode} at its start`;
      throw new CliError('DASHBOARD_FAILED', message, last.filter(Boolean).join(' | '));
    }
    if (isReady && (await isAnswering(url))) return;
    if (Date.now() > deadline) {
      const message = `the dashboard did not answer within ${START_MS_MAX / 1_000} s`;
      throw new CliError('DASHBOARD_FAILED', message, last.filter(Boolean).join(' | '));
    }
    await sleep(POLL_MS);
  }
}

function isAnswering(url: string): Promise<boolean> {
  return fetch(`${url}/login`, { signal: AbortSignal.timeout(START_MS_MAX) }).then(
    (response) => response.ok,
    () => false,
  );
}

function portTaken(port: number): CliError {
  const message = `port ${port}, the dashboard's, is in use`;
  const hint =
    'end what listens there, set listen.dashboard in vitrine.yaml (0 takes a free one), ' +
    'or --no-dashboard';
  return new CliError('PORT_IN_USE', message, hint);
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
  await ended;
  clearTimeout(timer);
}
