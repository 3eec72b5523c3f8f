/** The way out for streams: sockets that connect nowhere but where `allow` says. */
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect as connectTls,
  type TLSSocket,
} from 'node:tls';
import type { Address, Datagrams, Io } from '../contract.ts';
import { AddressPolicy } from './address.ts';
import { type AgentOptions, ALWAYS_VERIFIED, follow, guardedLookup, refusalOf } from './agent.ts';
import { failureOf } from './failure.ts';
import type { TlsFiles } from './tls-files.ts';
import type { WireOptions } from './wire.ts';

type Guard = Pick<AgentOptions, 'policy' | 'trace'>;

export function guardedIo(options: WireOptions, files: TlsFiles): Io {
  const { connector, clock, connectMs, trace } = options;
  const policy = new AddressPolicy(connector.settings.allow);
  const guard: Guard = { policy, ...(trace !== undefined && { trace }) };
  const tcp = (to: Address): Socket => {
    const plain = { ...to, lookup: guardedLookup(false, guard) };
    return guarded(to, false, guard, () => connectTcp(plain));
  };
  const tls = (to: Address): Socket => {
    const { host, serverName = host } = to;
    const secured: ConnectionOptions = {
      ...to,
      ...files.read(),
      ...ALWAYS_VERIFIED,
      // An address cannot be asked for by SNI (RFC 6066 §3), and is checked all the same.
      ...(isIP(serverName) === 0 && { servername: serverName }),
      checkServerIdentity: (_, certificate) => checkServerIdentity(serverName, certificate),
      lookup: guardedLookup(true, guard),
    };
    return guarded(to, true, guard, () => connectTls(secured));
  };
  return {
    clock,
    tcp,
    tls,
    connect(to, secure, signal) {
      return connected(() => (secure ? tls(to) : tcp(to)), secure, connectMs, signal);
    },
    udp: (to) => openDatagrams(to, guard),
    failure: failureOf,
  };
}

/** A literal address never reaches `lookup`: it is judged here, and its socket fails at once. */
function guarded(
  { host, port }: Address,
  secured: boolean,
  { policy, trace }: Guard,
  open: () => Socket,
): Socket {
  const literal = isIP(host) !== 0;
  trace?.connecting(`${host}:${port}`, literal, secured);
  const refusal = literal ? refusalOf(host, [host], policy, secured) : undefined;
  if (refusal !== undefined) return connectNowhere(refusal);
  const socket = open().setNoDelay(true);
  if (trace !== undefined) follow(socket, trace);
  return socket;
}

function connectNowhere(error: Error): Socket {
  const lookupFails = {
    lookup: (_: string, __: object, done: (error: Error) => void) => done(error),
  };
  // A name that is never looked up: the error comes as an event, like that of any connection.
  return connectTcp({ host: 'refused.invalid', port: 9, ...(lookupFails as object) });
}

function connected(
  open: () => Socket | TLSSocket,
  secure: boolean,
  connectMs: number,
  signal?: AbortSignal,
): Promise<Socket> {
  return new Promise((done, fail) => {
    if (signal?.aborted) return fail(signal.reason as Error);
    const socket = open();
    const settle = (error?: Error): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      socket.off('error', settle);
      if (error === undefined) {
        done(socket);
        return;
      }
      socket.on('error', () => {}).destroy();
      fail(error);
    };
    const aborted = (): void => settle(signal!.reason as Error);
    const late = (): void => {
      const error = new Error(`no connection within ${connectMs} ms`);
      settle(Object.assign(error, { code: 'ETIMEDOUT' }));
    };
    const timer = setTimeout(late, connectMs);
    signal?.addEventListener('abort', aborted, { once: true });
    socket.once('error', settle);
    socket.once(secure ? 'secureConnect' : 'connect', () => settle());
  });
}

async function openDatagrams(
  { host, port }: Address,
  { policy, trace }: Guard,
): Promise<Datagrams> {
  const literal = isIP(host) !== 0;
  trace?.connecting(`${host}:${port}`, literal, false);
  const found = literal
    ? [host]
    : (await lookup(host, { all: true })).map(({ address }) => address);
  if (!literal) trace?.resolved(found);
  const refusal = refusalOf(host, found, policy, false);
  if (refusal !== undefined) throw refusal;
  const address = found.find((one) => refusalOf(host, [one], policy, false) === undefined)!;
  const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
  let failed: Error | undefined;
  socket.on('error', (error) => {
    failed = error;
  });
  await new Promise<void>((done, fail) => {
    socket.connect(port, address, (error?: Error) => {
      if (error === undefined) return done();
      socket.close();
      fail(error);
    });
  });
  trace?.connected(`${address}:${port}`);
  return {
    send: (bytes) => {
      return new Promise((done, fail) => {
        socket.send(bytes, (error) => (error === null ? done() : fail(error)));
      });
    },
    failure: () => failed,
    close: () => void socket.close(),
  };
}
