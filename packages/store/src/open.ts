/** Opens a store: starts the engine or finds the server, and brings the tables up to date. */
import { Connection, type ConnectionOptions } from './client/connection.ts';
import type { Login } from './engine/access.ts';
import type { EngineSearch } from './engine/find.ts';
import { EngineSupervisor } from './engine/supervisor.ts';
import { migrate } from './migrate.ts';
import { type Endpoint, Store } from './store.ts';
import { DATABASE, type StoreConfig } from './store-config.ts';

export interface OpenOptions {
  /** Where to look for the embedded engine, instead of this machine's packages and PATH. */
  search?: EngineSearch;
}

/**
 * Throws ENGINE_MISSING, ENGINE_FAILED, STORE_LOCKED, STORE_UNWRITABLE or PORT_IN_USE (embedded),
 * ENGINE_AWAY (server), SCHEMA_MISMATCH.
 */
export async function openStore(
  config: StoreConfig,
  log: (line: string) => void,
  options: OpenOptions = {},
): Promise<Store> {
  if (config.mode === 'server') {
    const { url, user, password, reader } = config;
    const endpoint = { url, ...(reader ?? { user, password }) };
    const login = { user, password };
    return opened({ url, login, endpoint, log, up: () => true, place: url });
  }
  const { dir, port } = config;
  const engine = await EngineSupervisor.start({
    dir,
    ...(port === undefined ? {} : { port }),
    database: DATABASE,
    log,
    ...options,
  });
  const { url, app: login, reader } = engine;
  const endpoint = { url, ...reader };
  return opened({ url, login, endpoint, log, up: () => engine.up, place: dir, engine });
}

interface Reached {
  url: string;
  login: Login;
  endpoint: Endpoint;
  log: (line: string) => void;
  up: () => boolean;
  place: string;
  engine?: EngineSupervisor;
}

async function opened({ url, login, endpoint, log, up, place, engine }: Reached): Promise<Store> {
  const connection = new Connection({ url, ...login, database: DATABASE, up, place });
  const store = new Store(connection, endpoint, log, engine);
  try {
    await createDatabase({ url, ...login, database: 'system', up, place });
    await migrate(connection, log);
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

/** A connection of its own: the other one names a database that may not exist yet. */
async function createDatabase(options: ConnectionOptions): Promise<void> {
  const connection = new Connection(options);
  try {
    await connection.command(`CREATE DATABASE IF NOT EXISTS ${DATABASE} ENGINE = Atomic`);
  } finally {
    await connection.close();
  }
}
