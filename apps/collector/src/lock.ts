/**
 * One collector for each data directory: an abstract Unix socket named after it, which the kernel
 * frees when the process dies, however it dies. The store has a lock of its own behind this one.
 */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { CollectorError, systemCode } from './error.ts';

const NAME_CHARS = 32;

export function lockData(dataDir: string): Promise<Server> {
  const hash = createHash('sha256').update(realpathSync(dataDir)).digest('hex');
  const server = createServer((connection) => connection.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      if (systemCode(cause) !== 'EADDRINUSE') return reject(cause);
      const message = `${dataDir} is in use by another collector`;
      const hint = 'use the running one, stop it, or choose another --data';
      reject(new CollectorError('DATA_LOCKED', message, hint, { cause }));
    });
    server.listen(`\0vitrine-data-${hash.slice(0, NAME_CHARS)}`, () => resolve(server));
    server.unref();
  });
}
