/**
 * Listens on a port, or on a Unix socket whose file may be left from a process that was killed. A
 * socket that somebody answers on, or a file that is no socket, is never taken away.
 */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { type AddressInfo, connect, isIPv6, type Server } from 'node:net';
import { SOCKET_PATH_BYTES_MAX } from '@vitrine/schema';
import type { TcpAddress } from './config.ts';
import { RelayError, systemCode } from './error.ts';

/** Throws SOCKET_UNUSABLE or SOCKET_IN_USE. */
export async function listenOn(server: Server, path: string, mode: number): Promise<void> {
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) {
    const message = `${path} has more than ${SOCKET_PATH_BYTES_MAX} bytes`;
    throw new RelayError('SOCKET_UNUSABLE', message, 'sockets need a shorter path');
  }
  try {
    await listen(server, path);
  } catch (error) {
    if (systemCode(error) !== 'EADDRINUSE') throw unusable(path, error);
    await removeStale(path);
    await listen(server, path).catch((again: unknown) => {
      throw unusable(path, again);
    });
  }
  try {
    chmodSync(path, mode);
  } catch (error) {
    server.close();
    throw unusable(path, error);
  }
}

/** Resolves with `host:port`. Throws SOCKET_UNUSABLE or SOCKET_IN_USE. */
export async function listenAt(server: Server, { host, port }: TcpAddress): Promise<string> {
  const asked = isIPv6(host) ? `[${host}]` : host;
  try {
    await listen(server, { host, port });
  } catch (error) {
    if (systemCode(error) !== 'EADDRINUSE') throw unusable(`${asked}:${port}`, error);
    const message = `another process listens on ${asked}:${port}`;
    throw new RelayError('SOCKET_IN_USE', message, 'stop it, or configure another port');
  }
  return `${asked}:${(server.address() as AddressInfo).port}`;
}

async function removeStale(path: string): Promise<void> {
  try {
    if (!lstatSync(path).isSocket()) throw new Error('it is no socket');
    if (await answers(path)) {
      const message = `another process listens on ${path}`;
      throw new RelayError('SOCKET_IN_USE', message, 'stop it, or configure another path');
    }
    unlinkSync(path);
  } catch (error) {
    throw error instanceof RelayError ? error : unusable(path, error);
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    // Refused is the one answer that says nobody is there; any other leaves the file alone.
    probe.once('error', (error) => resolve(systemCode(error) !== 'ECONNREFUSED'));
  });
}

function listen(server: Server, at: string | TcpAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function unusable(path: string, cause: unknown): RelayError {
  const why = systemCode(cause) ?? (cause instanceof Error ? cause.message : 'unknown');
  const hint = 'check the directory of the socket and who owns it';
  return new RelayError('SOCKET_UNUSABLE', `cannot listen on ${path} (${why})`, hint, { cause });
}
