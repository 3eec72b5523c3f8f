/**
 * The data directory that a rebuild makes: under another name until it is whole, so that no start
 * can take it for one that is.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { CodedError } from '@vitrine/schema';
import { type Manifest, readKept } from '@vitrine/store';
import { CollectorError, systemCode } from '../error.ts';
import { syncDirectory } from '../files.ts';
import { lockData } from '../lock.ts';

const PRIVATE_DIR_MODE = 0o700;
const PRIVATE_MODE = 0o600;
const SUFFIX = '.rebuilding';
/** What is left of an old data directory is newer than its backup. The store is made again. */
const SURVIVING = ['keys', 'log', 'journal', 'connectors', 'sandboxes', 'tokens.json'];

/**
 * Makes `dataDir`, which must be empty or not there, with what `make` puts into the directory it is
 * given. When that fails there is none. Throws DATA_NOT_EMPTY, DATA_LOCKED, DATA_UNWRITABLE.
 */
export async function makeData<T>(
  dataDir: string,
  make: (staging: string) => Promise<T>,
): Promise<T> {
  const staging = `${dataDir}${SUFFIX}`;
  try {
    if (existsSync(dataDir) && readdirSync(dataDir).length > 0) throw notEmpty(dataDir);
    mkdirSync(staging, { recursive: true, mode: PRIVATE_DIR_MODE });
    const lock = await lockData(staging);
    try {
      clear(staging);
      const made = await make(staging);
      syncDirectory(staging);
      // From now on it is one.
      renameSync(staging, dataDir);
      syncDirectory(dirname(dataDir));
      return made;
    } catch (error) {
      rmSync(staging, { recursive: true, force: true });
      throw error;
    } finally {
      lock.close();
    }
  } catch (cause) {
    if (cause instanceof CodedError || systemCode(cause) === undefined) throw cause;
    const message = `${dataDir} cannot be made: ${cause instanceof Error ? cause.message : cause}`;
    const hint = 'it is made beside its final name: see the rights and the space of its parent';
    throw new CollectorError('DATA_UNWRITABLE', message, hint, { cause });
  }
}

/** What a rebuild has left that was broken off. */
function clear(dir: string): void {
  for (const name of readdirSync(dir)) rmSync(join(dir, name), { recursive: true, force: true });
}

function notEmpty(dataDir: string): CollectorError {
  const hint = 'move it away: mv DIR DIR.old, and name it with --old DIR.old';
  return new CollectorError('DATA_NOT_EMPTY', `${dataDir} is not empty`, hint);
}

/** Files of the backup, as far as `wanted`. Throws BACKUP_DAMAGED. */
export function placeKept(
  from: string,
  { files }: Manifest,
  to: string,
  wanted: (path: string) => boolean,
): void {
  for (const file of files.filter(({ path }) => wanted(path))) {
    const target = join(to, file.path);
    mkdirSync(dirname(target), { recursive: true, mode: PRIVATE_DIR_MODE });
    writeFileSync(target, readKept(from, file), { mode: PRIVATE_MODE });
  }
}

/**
 * What survived of the old data directory, over what the backup has. Two decisions about the same
 * tree are REBUILD_FORKED: `intent/<first>` is created once and for ever.
 */
export function placeSurvivors(old: string, to: string): void {
  for (const name of SURVIVING) {
    const source = join(old, name);
    if (!existsSync(source)) continue;
    if (name === 'log') refuseOtherDecisions(source, join(to, name));
    cpSync(source, join(to, name), { recursive: true, preserveTimestamps: true });
  }
  chmodSync(to, PRIVATE_DIR_MODE);
}

function refuseOtherDecisions(old: string, ours: string): void {
  for (const path of readdirSync(old, { recursive: true, encoding: 'utf8' })) {
    if (!/(^|\/)(intent\/\d+|origin)$/.test(path) || !existsSync(join(ours, path))) continue;
    const same = readFileSync(join(old, path)).equals(readFileSync(join(ours, path)));
    if (same) continue;
    const message = `the backup and ${old} have another ${path}`;
    throw new CollectorError('REBUILD_FORKED', message, 'are they of the same log? keep both');
  }
}
