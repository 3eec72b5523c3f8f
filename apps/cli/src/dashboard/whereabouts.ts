/** Where the dashboard of a running system is, and the link that lets a person in. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '@vitrine/schema';
import type { Client } from '../client/client.ts';
import { CliError } from '../error.ts';
import type { RunFile, RunningSystem } from '../system/data-dir.ts';
import { processStart } from '../system/machine.ts';

/** In the data directory, `{pid, start, url, dist}`: there while a dashboard runs beside it. */
export const DASHBOARD_FILE = 'dashboard.json';

export interface RunningDashboard {
  pid: number;
  url: string;
}

/** `undefined` where none runs, also when one left its file behind. */
export function readDashboardFile(dataDir: string): RunningDashboard | undefined {
  const path = join(dataDir, DASHBOARD_FILE);
  if (!existsSync(path)) return undefined;
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // Half-written or not ours: nothing that could be used.
    return undefined;
  }
  if (!isObject(raw) || typeof raw.pid !== 'number' || typeof raw.url !== 'string')
    return undefined;
  const { pid, url, start } = raw;
  return start === processStart(pid) ? { pid, url } : undefined;
}

export interface LoginLink {
  url: string;
  /** ISO 8601; after that, and after its first use, it lets nobody in. */
  expires: string;
}

/**
 * A fresh link that can be used once. `to` is the page it leads to, `visitor` who uses it. The
 * code stands behind `#`, so that no server and no log on the way gets to see it.
 */
export async function loginLink(
  system: RunningSystem,
  client: Client,
  to?: string,
  visitor: { role?: string; name?: string } = {},
): Promise<LoginLink> {
  const { code, expires } = await client.loginCode(visitor);
  const query = to === undefined ? '' : `?to=${encodeURIComponent(to)}`;
  return { url: `${system.publicUrl}/login${query}#code=${encodeURIComponent(code)}`, expires };
}

/** What links begin with; `undefined` where they would lead nowhere. */
export function linkBase(system: RunFile & { dataDir: string }): string | undefined {
  const isElsewhere = system.publicUrl !== `http://127.0.0.1:${system.dashboardPort}`;
  return isElsewhere || readDashboardFile(system.dataDir) !== undefined
    ? system.publicUrl
    : undefined;
}

export function assertDashboard(system: RunningSystem): void {
  if (linkBase(system) !== undefined) return;
  const message = `no dashboard runs beside the system of ${system.dataDir}`;
  const hint = 'start the system without --no-dashboard';
  throw new CliError('DASHBOARD_ABSENT', message, hint);
}
