/** Where a backup is read from: the running system, or the store of one that is stopped. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type BackupSource, openStore } from '@vitrine/store';
import { Client } from '../client/client.ts';
import { CliError } from '../error.ts';
import { logNames, readRunFile, readTextFile, runningSystem } from './data-dir.ts';
import { newestNote } from './offline-fsck.ts';

export interface OpenSource extends BackupSource {
  /** Tells the system that a backup holds it. */
  held(): Promise<void>;
  close(): Promise<void>;
}

export async function backupSource(
  dataDir: string,
  say: (line: string) => void,
): Promise<OpenSource> {
  if (readRunFile(dataDir) === undefined) return stopped(dataDir, say);
  const client = new Client(runningSystem(dataDir));
  const subject = await client.backupSubject();
  return {
    subject,
    held: async () => void (await client.backedUp(subject.note)),
    lines: (table, first, end) => client.backupLines(table, first, end),
    close: async () => {},
  };
}

async function stopped(dataDir: string, say: (line: string) => void): Promise<OpenSource> {
  const dir = join(dataDir, 'store');
  const [log] = logNames(dataDir);
  if (log === undefined || !existsSync(dir)) {
    const message = `${dataDir} has no store of its own`;
    const hint =
      'start the system and back it up then; a ClickHouse that you operate also copies its ' +
      'tables by itself: BACKUP … TO Disk';
    throw new CliError('STORE_ABSENT', message, hint);
  }
  say('no system runs here: the store is opened for the backup');
  const logDir = join(dataDir, 'log', log);
  const subject = {
    log,
    origin: readTextFile(join(logDir, 'origin')).trim(),
    tenant: log.split('.')[0]!,
    note: newestNote(join(logDir, 'note')),
    trust: readTextFile(join(dataDir, 'trust.txt')),
  };
  const store = await openStore({ mode: 'embedded', dir }, say);
  return {
    subject,
    // Its batches wait until a system that runs is backed up.
    held: async () => {},
    async *lines(table, first, end) {
      for await (const some of store.backup.lines(table, log, first, end)) yield* some;
    },
    close: () => store.close(),
  };
}
