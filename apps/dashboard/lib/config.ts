/**
 * All that the dashboard's process is told from outside. Read on the server only: nothing of it
 * reaches the browser.
 */

/** Where Next writes; another folder while developing, or while the usual one is in use. */
export const DIST_DIR = process.env.VITRINE_DIST ?? '.next';

export interface DashboardConfig {
  /** Base URL of the collector's API, without a slash at its end. */
  api: string;
  /** Host names the dashboard answers to beside loopback names, in lower case. */
  hosts: string[];
}

const API_DEFAULT = 'http://127.0.0.1:4319';

/** Read for each request: tests and `next start` may set the environment late. */
export function dashboardConfig(
  env: Record<string, string | undefined> = process.env,
): DashboardConfig {
  return {
    api: (env.VITRINE_API ?? API_DEFAULT).replace(/\/+$/, ''),
    hosts: (env.VITRINE_HOSTS ?? '')
      .split(',')
      .map((host) => host.trim().toLowerCase())
      .filter((host) => host !== ''),
  };
}

/** Development needs looser script rules: React evaluates code there. */
export function isDevelopment(): boolean {
  return process.env.NODE_ENV === 'development';
}
