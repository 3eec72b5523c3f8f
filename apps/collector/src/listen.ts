/** Opens a TCP port for any of the collector's servers. */
import type { Server } from 'node:net';
import { CollectorError, systemCode } from './error.ts';

/** Binds, or says plainly which port is taken. */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      if (systemCode(cause) !== 'EADDRINUSE') return reject(cause);
      const message = `port ${port} on ${host} is in use`;
      const hint = 'stop what listens there, or choose another port (0 picks a free one)';
      reject(new CollectorError('PORT_IN_USE', message, hint, { cause }));
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
