/**
 * What the system still has to deliver of a connection. Bytes that were written are in its send
 * buffer until the other end's system has them: a receiver whose network is gone looks as sound as
 * ever for many minutes.
 */
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/** proc(5); one line for each connection, `local remote state tx_queue:rx_queue` in hex. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const LINE = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]{2} ([0-9A-F]{8}):/;

/** Bytes; 0 as well where the system does not tell (anything but Linux). */
export async function unacknowledgedBytes({ localPort, remotePort }: Socket): Promise<number> {
  const texts = await Promise.all(TABLES.map((path) => readFile(path, 'latin1').catch(() => '')));
  let most = 0;
  for (const line of texts.join('\n').split('\n')) {
    const [, local, remote, queued] = LINE.exec(line) ?? [];
    if (queued === undefined) continue;
    const ports = [Number.parseInt(local!, 16), Number.parseInt(remote!, 16)];
    if (ports[0] !== localPort || ports[1] !== remotePort) continue;
    most = Math.max(most, Number.parseInt(queued, 16));
  }
  return most;
}
