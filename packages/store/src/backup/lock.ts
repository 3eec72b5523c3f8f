/**
 * One run at a time into one directory: an abstract Unix socket named after it, which the kernel
 * frees when the process dies, however it dies.
 */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { StoreError } from '../error.ts';

const NAME_CHARS = 32;

/** Throws BACKUP_BUSY. */
export function lockBackup(dir: string): Promise<Server> {
  const hash = createHash('sha256').update(realpathSync(dir)).digest('hex');
  const server = createServer((connection) => connection.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `another backup is being written to ${dir}`;
      reject(new StoreError('BACKUP_BUSY', message, 'wait until it has ended', { cause }));
    });
    server.listen(`\0vitrine-backup-${hash.slice(0, NAME_CHARS)}`, () => resolve(server));
    server.unref();
  });
}
