/** What the tables of a stopped collector weigh on the disk, once the engine has merged them. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '../../../packages/store/src/client/connection.ts';
import { EngineSupervisor } from '../../../packages/store/src/engine/supervisor.ts';

const DATABASE = 'vitrine';
const SETTLE_MS_MAX = 120_000;
const POLL_MS = 500;

export interface StoreSize {
  rows: number;
  /** Of the active parts: what stands in no column is marks, keys and projections. */
  bytes: Map<string, number>;
}

export async function storeSize(dataDir: string): Promise<StoreSize> {
  const dir = join(dataDir, 'store');
  const engine = await EngineSupervisor.start({ dir, database: DATABASE, log: () => {} });
  const { url, app } = engine;
  const admin = new Connection({ url, ...app, database: DATABASE, up: () => true });
  try {
    await settled(admin);
    return await measured(admin);
  } finally {
    await admin.close();
    await engine.close();
  }
}

async function settled(admin: Connection): Promise<void> {
  const deadline = performance.now() + SETTLE_MS_MAX;
  const busy = `SELECT 1 FROM system.merges UNION ALL
    SELECT 1 FROM system.mutations WHERE database = currentDatabase() AND NOT is_done`;
  for (let quiet = 0; quiet < 3 && performance.now() < deadline; ) {
    await sleep(POLL_MS);
    quiet = (await admin.rows(busy, {})).length === 0 ? quiet + 1 : 0;
  }
}

async function measured(admin: Connection): Promise<StoreSize> {
  const bytes = new Map<string, number>();
  const list = async (query: string): Promise<void> => {
    for (const { name, size } of await admin.rows<{ name: string; size: string }>(query, {})) {
      bytes.set(name, Number(size));
    }
  };
  await list(
    `SELECT concat(table, '.', name) AS name, data_compressed_bytes AS size FROM system.columns
     WHERE database = currentDatabase() AND table IN ('records', 'parts', 'tiles')`,
  );
  await list(
    `SELECT table AS name, sum(bytes_on_disk) AS size FROM system.parts
     WHERE database = currentDatabase() AND active GROUP BY table`,
  );
  await list(
    `SELECT concat(table, ' ', name) AS name, sum(bytes_on_disk) AS size
     FROM system.projection_parts WHERE database = currentDatabase() AND active
     GROUP BY table, name`,
  );
  const [row] = await admin.rows<{ rows: string }>('SELECT count() AS rows FROM records', {});
  return { rows: Number(row?.rows), bytes };
}
