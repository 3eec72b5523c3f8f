/**
 * What the system still has to deliver of a connection. Bytes that were written are in its send
 * buffer until the other end's system has them: a receiver whose network is gone looks as sound as
 * ever for many minutes.
 */
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/** proc(5); one line for each connection, `local remote state tx_queue:rx_queue` in hex. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

/** Bytes; 0 as well where the system does not tell (anything but Linux). */
export async function unacknowledgedBytes({ localPort, remotePort }: Socket): Promise<number> {
  if (localPort === undefined || remotePort === undefined) return 0;
  const texts = await Promise.all(TABLES.map((path) => readFile(path, 'latin1').catch(() => '')));
  const ports = `:${hex(localPort)} [0-9A-F]+:${hex(remotePort)}`;
  const line = new RegExp(`${ports} [0-9A-F]{2} ([0-9A-F]{8}):`, 'g');
  const queues = [...texts.join('\n').matchAll(line)].map(([, queue]) =>
    Number.parseInt(queue!, 16),
  );
  return Math.max(0, ...queues);
}

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}
