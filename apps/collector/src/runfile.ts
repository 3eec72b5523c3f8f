/**
 * How commands find the running system: `run.json` and `admin.token` of the data directory, both of
 * mode 0600. `run.json` is there exactly while the system runs.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Tokens } from './access/tokens.ts';
import { replaceFile } from './files.ts';

export interface RunFile {
  pid: number;
  api: string;
  otlp_http: string;
  otlp_grpc: string;
  /** Where the command line is to start the dashboard; the collector does not listen there. */
  dashboard_port: number;
  /** What links lead to. */
  public_url: string;
  /** A user that may only read. */
  store: { url: string; user: string; password: string };
  origin: string;
  log: string;
  started: string;
}

export function writeRunFile(dataDir: string, run: RunFile): void {
  replaceFile(runPath(dataDir), JSON.stringify(run, null, 1));
}

export function removeRunFile(dataDir: string): void {
  rmSync(runPath(dataDir), { force: true });
}

/** Makes the admin token at the first start, and again when the file or its token is gone. */
export function openAdminToken(dataDir: string, tokens: Tokens, tenant: string, now: Date): string {
  const path = join(dataDir, 'admin.token');
  if (existsSync(path)) {
    const kept = readFileSync(path, 'utf8').trim();
    if (tokens.authenticate(kept, now) !== null) return path;
  }
  replaceFile(path, tokens.create('admin', tenant, 'the data directory', now, null));
  return path;
}

function runPath(dataDir: string): string {
  return join(dataDir, 'run.json');
}
