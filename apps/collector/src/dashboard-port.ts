/**
 * Chooses the dashboard's port where the settings leave it free. The collector does not listen
 * there, but its alerts link there from the first on.
 */
import { createServer } from 'node:net';
import type { Config } from './config.ts';
import { listen } from './listen.ts';

const HOST = '127.0.0.1';

/** The settings with a real port of the dashboard, and links that lead to it. */
export async function withDashboardPort(config: Config): Promise<Config> {
  if (config.listen.dashboard !== 0) return config;
  const port = await freePort();
  const isDefault = config.public_url === `http://${HOST}:0`;
  return {
    ...config,
    listen: { ...config.listen, dashboard: port },
    public_url: isDefault ? `http://${HOST}:${port}` : config.public_url,
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, HOST, 0);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
