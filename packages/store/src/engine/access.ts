/**
 * Who may do what in the embedded engine: a writer and a reader with secrets that live as long as
 * the store, and a `default` user, needed to start, that can do nothing afterwards.
 */
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ENGINE_MARK_CACHE_BYTES,
  ENGINE_MEMORY_BYTES_MAX,
  QUERY_MEMORY_BYTES_MAX,
  QUERY_ROWS_MAX,
  QUERY_SECONDS_MAX,
} from '@vitrine/schema';

export interface Login {
  user: string;
  password: string;
}

export interface Access {
  app: Login;
  reader: Login;
  /** What the engine answers at `/`: shows that the listener on the port is ours. */
  greeting: string;
}

const SECRET_BYTES = 32;
const PRIVATE_FILE_MODE = 0o600;
const PRIVATE_DIR_MODE = 0o700;
const CONFIGURATION_PREFIX = 'engine-';
/** 63 years: one interval holds the engine's whole life. */
const FOREVER_SECONDS = 2_000_000_000;
/** `SYSTEM START LISTEN` and the query that keeps the engine running. */
const STARTUP_QUERIES = 2;

export function newAccess(): Access {
  const secret = (): string => randomBytes(SECRET_BYTES).toString('hex');
  return {
    app: { user: 'app', password: secret() },
    reader: { user: 'reader', password: secret() },
    greeting: secret(),
  };
}

export function privateDirectory(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: PRIVATE_DIR_MODE });
  chmodSync(dir, PRIVATE_DIR_MODE);
}

/**
 * Writes the engine's configuration into a directory of its own under `parent`, so that a second
 * engine, which the lock will refuse, cannot touch the first one's. Returns that directory.
 */
export function writeConfiguration(parent: string, access: Access, database: string): string {
  const dir = mkdtempSync(join(parent, CONFIGURATION_PREFIX));
  const users = join(dir, 'users.xml');
  writePrivate(users, usersXml(access, database));
  writePrivate(configurationFile(dir), configXml(users, access.greeting));
  return dir;
}

export function configurationFile(dir: string): string {
  return join(dir, 'config.xml');
}

export function removeConfiguration(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
}

/** What collectors that were killed have left. Only for the owner of the directory's lock. */
export function removeStaleConfigurations(parent: string, own: string): void {
  for (const name of readdirSync(parent)) {
    const dir = join(parent, name);
    if (name.startsWith(CONFIGURATION_PREFIX) && dir !== own) removeConfiguration(dir);
  }
}

function writePrivate(path: string, text: string): void {
  writeFileSync(path, text, { mode: PRIVATE_FILE_MODE, flag: 'wx' });
}

function configXml(users: string, greeting: string): string {
  return `<clickhouse>
 <logger><level>error</level><console>0</console></logger>
 <http_server_default_response>${greeting}</http_server_default_response>
 <mark_cache_size>${ENGINE_MARK_CACHE_BYTES}</mark_cache_size>
 <max_server_memory_usage>${ENGINE_MEMORY_BYTES_MAX}</max_server_memory_usage>
 <user_directories><users_xml><path>${escapeXml(users)}</path></users_xml></user_directories>
</clickhouse>
`;
}

/**
 * The engine logs in as `default` without a password; nothing else works. Its quota is used up by
 * the start, so that no other process on this machine can stop the listener or read through it.
 */
function usersXml(access: Access, database: string): string {
  return `<clickhouse>
 <profiles>
  <default/>
  <reader>
   <readonly>2</readonly>
   ${bounded('max_execution_time', QUERY_SECONDS_MAX)}
   ${bounded('max_memory_usage', QUERY_MEMORY_BYTES_MAX)}
   ${bounded('max_result_rows', QUERY_ROWS_MAX)}
   ${bounded('max_rows_in_join', QUERY_ROWS_MAX)}
   <constraints>
    ${constraint('max_execution_time', QUERY_SECONDS_MAX)}
    ${constraint('max_memory_usage', QUERY_MEMORY_BYTES_MAX)}
    ${constraint('max_result_rows', QUERY_ROWS_MAX)}
    ${constraint('max_rows_in_join', QUERY_ROWS_MAX)}
   </constraints>
  </reader>
 </profiles>
 <quotas>
  <default/>
  <startup><interval>
   <duration>${FOREVER_SECONDS}</duration><queries>${STARTUP_QUERIES}</queries>
  </interval></startup>
 </quotas>
 <users>
  <default>
   <password></password><networks><ip>::/0</ip></networks>
   <profile>default</profile><quota>startup</quota>
   <grants>
    <query>GRANT SYSTEM LISTEN ON *.*</query>
    <query>GRANT SELECT ON system.numbers</query>
   </grants>
  </default>
  <${access.app.user}>
   ${credentials(access.app)}
   <profile>default</profile><quota>default</quota>
   <grants>
    <query>GRANT ALL ON ${database}.*</query>
    <query>GRANT SELECT ON system.*</query>
    <query>GRANT KILL QUERY ON *.*</query>
    <query>GRANT TABLE ENGINE ON MergeTree, TABLE ENGINE ON Atomic</query>
   </grants>
  </${access.app.user}>
  <${access.reader.user}>
   ${credentials(access.reader)}
   <profile>reader</profile><quota>default</quota>
   <grants><query>GRANT SELECT ON ${database}.*</query></grants>
  </${access.reader.user}>
 </users>
</clickhouse>
`;
}

function bounded(setting: string, value: number): string {
  return `<${setting}>${value}</${setting}>`;
}

/** 0 would mean "without bound". */
function constraint(setting: string, max: number): string {
  return `<${setting}><min>1</min><max>${max}</max></${setting}>`;
}

function credentials({ password }: Login): string {
  const hash = createHash('sha256').update(password).digest('hex');
  return `<password_sha256_hex>${hash}</password_sha256_hex>
   <networks><ip>127.0.0.1</ip></networks>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
