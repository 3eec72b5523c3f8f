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
import { type Manifest, readKept } from '@vitrine/store';
import { CollectorError } from '../error.ts';
import { syncDirectory } from '../files.ts';

const PRIVATE_DIR_MODE = 0o700;
const PRIVATE_MODE = 0o600;
const SUFFIX = '.rebuilding';
/** What is left of an old data directory is newer than its backup. The store is made again. */
const SURVIVING = ['keys', 'log', 'journal', 'connectors', 'sandboxes', 'tokens.json'];

/** An empty directory beside `dataDir`, which must be empty or not there. Throws DATA_NOT_EMPTY. */
export function stagingOf(dataDir: string): string {
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0) {
    const hint = 'move it away: mv DIR DIR.old, and name it with --old DIR.old';
    throw new CollectorError('DATA_NOT_EMPTY', `${dataDir} is not empty`, hint);
  }
  const staging = `${dataDir}${SUFFIX}`;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true, mode: PRIVATE_DIR_MODE });
  return staging;
}

/** The rebuilt directory gets its name: from now on it is one. */
export function finish(staging: string, dataDir: string): void {
  syncDirectory(staging);
  renameSync(staging, dataDir);
  syncDirectory(dirname(dataDir));
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
