/** A free loopback port: the engine cannot pick one itself. */
import { type AddressInfo, createServer } from 'node:net';
import { StoreError } from '../error.ts';

export const LOOPBACK = '127.0.0.1';

/** `wanted` if it is free, or any port for 0. Throws PORT_IN_USE. */
export function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause) => reject(portInUse(wanted, cause)));
    server.listen(wanted, LOOPBACK, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

export function portInUse(port: number, cause?: unknown): StoreError {
  const message = `the store cannot listen on ${LOOPBACK}:${port}`;
  return new StoreError('PORT_IN_USE', message, 'stop what listens there, or configure port 0', {
    cause,
  });
}
