/**
 * Keeps connections over TLS for whom they are for: who has shown no certificate yet holds one of a
 * few places of its own, and loses the oldest of them to whoever comes next.
 */
import type { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import {
  OPP_CONNECTIONS_MAX,
  OPP_STRANGERS_MAX,
  OPP_STRANGERS_PER_PEER_MAX,
} from '@vitrine/schema';

interface Stranger {
  address: string;
  socket: Socket;
}

export function boundStrangers(server: TlsServer): void {
  /** By address and port, the oldest first. */
  const strangers = new Map<string, Stranger>();
  let known = 0;
  server.maxConnections = OPP_CONNECTIONS_MAX + OPP_STRANGERS_MAX + 1;
  server.on('connection', (stream) => {
    const socket = stream as Socket;
    const { remoteAddress: address = '' } = socket;
    const name = nameOf(socket);
    strangers.set(name, { address, socket });
    socket.once('close', () => strangers.delete(name));
    const evicted = oneTooMany(strangers, address);
    if (evicted === undefined) return;
    strangers.delete(evicted[0]);
    evicted[1].socket.destroy();
  });
  server.on('tlsClientError', (_, socket) => strangers.delete(nameOf(socket)));
  server.on('secureConnection', (socket) => {
    strangers.delete(nameOf(socket));
    if (known >= OPP_CONNECTIONS_MAX) {
      socket.destroy();
      return;
    }
    known++;
    socket.once('close', () => known--);
  });
}

/** Of the one who just came, where it has too many; else of all. */
function oneTooMany(strangers: Map<string, Stranger>, address: string) {
  const own = [...strangers].filter(([, stranger]) => stranger.address === address);
  if (own.length > OPP_STRANGERS_PER_PEER_MAX) return own[0];
  return strangers.size > OPP_STRANGERS_MAX ? [...strangers][0] : undefined;
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
