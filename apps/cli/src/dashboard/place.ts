/** Where the dashboard's sources, its build and Next are in this clone. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CliError } from '../error.ts';

export interface Place {
  /** Root of the clone. */
  root: string;
  /** The dashboard's own folder, below it. */
  app: string;
}

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
export const CLONE: Place = { root: ROOT, app: join(ROOT, 'apps', 'dashboard') };

/** Loaded into a child process: ends it when its standard input, held by us, is closed. */
export const TETHER = fileURLToPath(new URL('../../bin/tether.mjs', import.meta.url));

/** What every process of Next is told. */
export function nextEnvironment(dist: string): Record<string, string> {
  return { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', VITRINE_DIST: dist };
}

/** The program of Next that the dashboard depends on. */
export function nextProgram({ app }: Place): string {
  try {
    return createRequire(join(app, 'package.json')).resolve('next/dist/bin/next');
  } catch (cause) {
    const hint = 'npm ci installs it; --no-dashboard leaves the dashboard out';
    throw new CliError('DASHBOARD_FAILED', 'Next is not installed', hint, { cause });
  }
}
