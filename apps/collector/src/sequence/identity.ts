/**
 * The name, origin and key of one log. Made once in a data directory and never changed: an origin
 * is never reused (LOG.md §3).
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateLogKey, type LogKey } from '@vitrine/chain';
import { CollectorError } from '../error.ts';
import { replaceFile } from '../files.ts';

export interface LogIdentity {
  tenant: string;
  /** `<tenant>.<i>.<n>` */
  log: string;
  origin: string;
  key: LogKey;
  /** Directory of intents, blobs and notes. */
  dir: string;
  /** The trust file of this log (C2SP tlog-policy). */
  trust: string;
}

const LOG_ID_BYTES = 4;
const SEED_BYTES = 32;
/** One shard: index 0 of 1. */
const SHARD = '0.1';

export function openIdentity(dataDir: string, name: string, tenant: string): LogIdentity {
  const log = `${tenant}.${SHARD}`;
  const dir = join(dataDir, 'log', log);
  const keys = join(dataDir, 'keys');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  const originPath = join(dir, 'origin');
  const seedPath = join(keys, `log-${log}.seed`);
  if (!existsSync(originPath)) {
    refuseUsed(dir, originPath);
    if (!existsSync(seedPath)) replaceFile(seedPath, randomBytes(SEED_BYTES).toString('hex'));
    replaceFile(originPath, `${name}/${randomBytes(LOG_ID_BYTES).toString('hex')}/${log}`);
  }
  const origin = readFileSync(originPath, 'utf8').trim();
  if (!existsSync(seedPath)) {
    const hint = 'restore it from a backup, or start a new data directory';
    throw new CollectorError('LOG_KEY_MISMATCH', `${seedPath} is missing`, hint);
  }
  const key = generateLogKey(origin, Buffer.from(readFileSync(seedPath, 'utf8').trim(), 'hex'));
  const trust = `# the key of log ${origin}\nlog ${key.vkey}\nquorum none\n`;
  return { tenant, log, origin, key, dir, trust };
}

/** An origin is never made anew for a log that has published (LOG.md §3). */
function refuseUsed(dir: string, originPath: string): void {
  const notes = join(dir, 'note');
  if (!existsSync(notes) || readdirSync(notes).length === 0) return;
  const hint = 'restore it from a backup; every checkpoint names it';
  throw new CollectorError('LOG_KEY_MISMATCH', `${originPath} is missing`, hint);
}

/** The key of credential fingerprints: 32 bytes, shared with what runs sandboxes on this host. */
export function openFingerprintKey(dataDir: string): string {
  const path = join(dataDir, 'keys', 'fingerprint.key');
  if (!existsSync(path)) replaceFile(path, randomBytes(SEED_BYTES).toString('hex'));
  return path;
}
