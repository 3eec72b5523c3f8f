/**
 * Which files of a data directory belong to a backup, beside the log itself. Secrets only when they
 * are asked for; input that is not sealed yet, and what is made again at each start, never.
 */
import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '@vitrine/schema';
import type { GivenFile } from '@vitrine/store';
import { CliError, systemCode } from '../error.ts';
import { readBytes } from './data-dir.ts';

const SETTINGS = 'vitrine.yaml';
const OPEN = ['tokens.json', 'trust.txt', 'rules', 'connectors', 'sandboxes'];
const SECRET = ['keys', 'admin.token'];

export interface FilesWanted {
  log: string;
  /** Size of the published tree that is backed up. */
  size: number;
  keys: boolean;
  /** Settings that lie elsewhere. */
  config?: string | undefined;
}

export function backupFiles(
  dataDir: string,
  { log, size, keys, config }: FilesWanted,
): GivenFile[] {
  const own = [...OPEN, ...(keys ? SECRET : []), ...(config === undefined ? [SETTINGS] : [])];
  const files = own.flatMap((name) => below(dataDir, name));
  const logDir = `log/${log}`;
  files.push(...below(dataDir, `${logDir}/origin`), ...decided(dataDir, logDir, size));
  if (config !== undefined) files.push({ path: SETTINGS, content: readBytes(config) });
  return files;
}

/** Batches that were decided beyond the tree: a rebuild must finish them, or nothing. */
function decided(dataDir: string, logDir: string, size: number): GivenFile[] {
  const intents = below(dataDir, `${logDir}/intent`).map((file) => ({ file, ...intentOf(file) }));
  const files: GivenFile[] = [];
  for (let at = size; ; ) {
    const next = intents.find(({ first }) => first === at);
    const [blob] = next === undefined ? [] : below(dataDir, `${logDir}/blob/${next.blob}`);
    if (next === undefined || blob === undefined) return files;
    files.push(next.file, blob);
    at = next.size;
  }
}

function intentOf({ content }: GivenFile): { first: number; size: number; blob: string } {
  let value: unknown;
  try {
    value = JSON.parse(content.toString('utf8'));
  } catch {
    // A start says what is wrong with it; for a backup it decides nothing.
  }
  const { first, size, blob } = isObject(value) ? value : {};
  return { first: Number(first), size: Number(size), blob: String(blob) };
}

/** A file, or every file below a directory; nothing where there is none. */
function below(dataDir: string, path: string): GivenFile[] {
  const full = join(dataDir, path);
  if (!existsSync(full)) return [];
  const stat = lstatSync(full);
  if (stat.isDirectory()) {
    const names = readdirSync(full).filter((name) => !name.startsWith('.'));
    return names.toSorted().flatMap((name) => below(dataDir, `${path}/${name}`));
  }
  if (!stat.isFile()) return [];
  try {
    return [{ path, content: readBytes(full) }];
  } catch (error) {
    // The running system has deleted it meanwhile.
    if (error instanceof CliError && systemCode(error.cause) === 'ENOENT') return [];
    throw error;
  }
}
