/** Where the demonstration listens: at the usual ports, or at free ones where those are taken. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPortFree } from '../system/machine.ts';

const USUAL = { api: 4319, otlp_http: 4318, otlp_grpc: 4317, dashboard: 3000 };

export interface DemoSettings {
  /** Settings file for the collector; `undefined` leaves it to the data directory's own. */
  configFile: string | undefined;
  /** Usual ports that are taken. */
  taken: number[];
}

/** A `vitrine.yaml` that someone wrote into the data directory is used as it is. */
export async function demoSettings(
  dataDir: string,
  isFree: (port: number) => Promise<boolean> = isPortFree,
): Promise<DemoSettings> {
  if (existsSync(join(dataDir, 'vitrine.yaml'))) return { configFile: undefined, taken: [] };
  const taken: number[] = [];
  const listen: Record<string, number> = {};
  for (const [name, port] of Object.entries(USUAL)) {
    const free = await isFree(port);
    listen[name] = free ? port : 0;
    if (!free) taken.push(port);
  }
  if (taken.length === 0) return { configFile: undefined, taken };
  mkdirSync(dataDir, { recursive: true });
  const configFile = join(dataDir, 'demo.yaml');
  // JSON is YAML.
  writeFileSync(configFile, `${JSON.stringify({ listen }, null, 2)}\n`);
  return { configFile, taken };
}
