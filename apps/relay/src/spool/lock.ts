/**
 * One process per spool. The lock is a listening socket in the directory: the kernel lets go of it
 * when its holder dies, however it dies.
 */
import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { RelayError, systemCode } from '../error.ts';
import { listenOn } from '../socket.ts';

const NAME = 'lock';
const MODE = 0o600;

/** Makes the directory if need be. Throws SPOOL_LOCKED, SPOOL_UNWRITABLE or SOCKET_UNUSABLE. */
export async function lockSpool(dir: string): Promise<Server> {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const message = `cannot make ${dir} (${systemCode(cause) ?? 'unknown'})`;
    throw new RelayError('SPOOL_UNWRITABLE', message, 'check the directory and its owner', {
      cause,
    });
  }
  const lock = createServer((connection) => connection.destroy());
  try {
    await listenOn(lock, join(dir, NAME), MODE);
  } catch (error) {
    if (!(error instanceof RelayError) || error.code !== 'SOCKET_IN_USE') throw error;
    const hint = 'stop the other relay, or give this one a spool of its own';
    throw new RelayError('SPOOL_LOCKED', `another relay uses the spool in ${dir}`, hint);
  }
  return lock;
}
