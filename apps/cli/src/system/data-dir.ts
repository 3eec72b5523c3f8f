/**
 * What a data directory says about the system that uses it: whether one runs, where it listens,
 * how to be let in. The collector owns these files; here they are only read.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '@vitrine/schema';
import { CliError, sentenceOf, systemCode } from '../error.ts';

export interface RunFile {
  pid: number;
  api: string;
  otlpHttp: string;
  otlpGrpc: string;
  /** Where the dashboard belongs, and what links to it begin with. */
  dashboardPort: number;
  publicUrl: string;
  origin: string;
  log: string;
  started: string;
}

/** What a collector that says nothing of it would have said. */
const DASHBOARD_PORT = 3_000;

export interface RunningSystem extends RunFile {
  dataDir: string;
  token: string;
}

/** The system of `dataDir`; NOT_RUNNING when nothing runs there. */
export function runningSystem(dataDir: string): RunningSystem {
  const run = readRunFile(dataDir);
  if (run === undefined) throw notRunning(dataDir);
  return { ...run, dataDir, token: readToken(join(dataDir, 'admin.token')) };
}

/** `undefined` when no system runs there, also when one left its file behind. */
export function readRunFile(dataDir: string): RunFile | undefined {
  const path = join(dataDir, 'run.json');
  if (!existsSync(path)) return undefined;
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const message = `${path} cannot be read: ${sentenceOf(cause)}`;
    throw new CliError('FILE_UNREADABLE', message, 'run as the user who started the system', {
      cause,
    });
  }
  const run = parseRunFile(raw);
  return run !== undefined && isAlive(run.pid) ? run : undefined;
}

function parseRunFile(raw: unknown): RunFile | undefined {
  if (!isObject(raw)) return undefined;
  const { pid, api, origin, log, started, dashboard_port: dashboardPort } = raw;
  if (typeof pid !== 'number' || typeof api !== 'string') return undefined;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return {
    pid,
    api,
    otlpHttp: text(raw.otlp_http),
    otlpGrpc: text(raw.otlp_grpc),
    dashboardPort: typeof dashboardPort === 'number' ? dashboardPort : DASHBOARD_PORT,
    publicUrl: text(raw.public_url) || `http://127.0.0.1:${DASHBOARD_PORT}`,
    origin: text(origin),
    log: text(log),
    started: text(started),
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to someone else.
    return systemCode(error) === 'EPERM';
  }
}

export function notRunning(dataDir: string): CliError {
  const message = `no system runs in ${dataDir}`;
  return new CliError('NOT_RUNNING', message, `start it: npx --no vitrine up --data ${dataDir}`);
}

function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    const message = `the admin token ${path} cannot be read: ${sentenceOf(cause)}`;
    const hint = 'run as the user who started the system, or ask for access to that file';
    throw new CliError('TOKEN_UNREADABLE', message, hint, { cause });
  }
}

/** The text of a file of the data directory, or `undefined` where there is none. */
export function readDataFile(dataDir: string, ...name: string[]): string | undefined {
  const path = join(dataDir, ...name);
  if (!existsSync(path)) return undefined;
  return readTextFile(path);
}

/** The logs of the data directory, by name. */
export function logNames(dataDir: string): string[] {
  const dir = join(dataDir, 'log');
  return existsSync(dir) ? readdirSync(dir).toSorted() : [];
}

export function readTextFile(path: string): string {
  return readBytes(path).toString('utf8');
}

export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const message = `${path} cannot be read: ${sentenceOf(cause)}`;
    throw new CliError('FILE_UNREADABLE', message, 'check the path', { cause });
  }
}
