/**
 * Checks the store of a data directory whose system is stopped: starts the engine itself, reads,
 * and ends it again. Needs the key and the newest note that the collector left there.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FsckProgress, FsckReport } from '@vitrine/schema/api';
import { fsck, fsckFast, openStore } from '@vitrine/store';
import { CliError } from '../error.ts';
import { logNames, readTextFile } from './data-dir.ts';

/** One report for each log of the data directory. */
export async function offlineFsck(
  dataDir: string,
  fast: boolean,
  onProgress: (progress: FsckProgress) => void,
  say: (line: string) => void,
): Promise<FsckReport[]> {
  const dir = join(dataDir, 'store');
  const logs = logNames(dataDir);
  if (!existsSync(dir) || logs.length === 0) {
    const message = `${dataDir} has no store of its own`;
    const hint = 'if vitrine.yaml puts it elsewhere, start the system and check it then';
    throw new CliError('STORE_ABSENT', message, hint);
  }
  const store = await openStore({ mode: 'embedded', dir }, say);
  try {
    const reports: FsckReport[] = [];
    for (const log of logs) {
      const check = fast ? fsckFast : fsck;
      reports.push(await check(store, subjectOf(dataDir, log), { onProgress }));
    }
    return reports;
  } finally {
    await store.close();
  }
}

function subjectOf(
  dataDir: string,
  log: string,
): { log: string; origin: string; trust: string; note: string } {
  const dir = join(dataDir, 'log', log);
  return {
    log,
    origin: readTextFile(join(dir, 'origin')).trim(),
    trust: readTextFile(join(dataDir, 'trust.txt')),
    note: newestNote(join(dir, 'note')),
  };
}

/** Notes are named by the size of their tree. */
export function newestNote(dir: string): string {
  const sizes = existsSync(dir) ? readdirSync(dir).filter((name) => /^\d+$/.test(name)) : [];
  const newest = sizes.toSorted((a, b) => Number(a) - Number(b)).at(-1);
  if (newest !== undefined) return readTextFile(join(dir, newest));
  const message = `${dir} has no note: nothing was published yet`;
  throw new CliError('STORE_ABSENT', message, 'start the system once');
}
