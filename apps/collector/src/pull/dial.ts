/**
 * How a relay is reached: a Unix socket, a Unix socket of a virtual machine monitor that is told a
 * port first, or TLS with certificates on both sides. HTTP/1.1 over each of them.
 */
import { Agent, type AgentOptions, type RequestOptions } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { OPP_REQUEST_MS_MAX, VSOCK_ANSWER_BYTES_MAX } from '@vitrine/schema';
import { CollectorError } from '../error.ts';
import type { RelayAddress } from './registration.ts';
import { connectSocket } from './socket.ts';

/** What the collector shows to a relay over TLS, and whom it believes; PEM. */
export interface PullTls {
  cert: string;
  key: string;
  ca: string;
}

export interface Dialled {
  agent: Agent;
  /** Of every request. */
  options: RequestOptions;
  secure: boolean;
  /** Who answers, for the admit record: as far as the connection itself says it. */
  peer: () => string;
}

/** One connection: one page of a relay is in flight at a time (LOG.md §2). */
const POOL: AgentOptions = { keepAlive: true, maxSockets: 2 };

/** Throws SANDBOX_INVALID for a relay over TLS where the settings have no certificate. */
export function dial(relay: RelayAddress, tls: PullTls | undefined): Dialled {
  if (relay.url !== undefined) return dialTls(new URL(relay.url), relay, tls);
  const { socket = '', vsockPort } = relay;
  if (vsockPort === undefined) {
    const agent = new SocketAgent(socket);
    return { agent, options: { host: 'unix' }, secure: false, peer: () => 'unix' };
  }
  const agent = new VsockAgent(socket, vsockPort);
  return { agent, options: { host: 'vsock' }, secure: false, peer: () => `vsock:${vsockPort}` };
}

function dialTls({ hostname, port }: URL, relay: RelayAddress, tls: PullTls | undefined): Dialled {
  if (tls === undefined) {
    const hint = 'set pull.tls.cert, .key and .ca in vitrine.yaml';
    throw new CollectorError('SANDBOX_INVALID', 'a relay over TLS needs a certificate', hint);
  }
  const host = hostname.replace(/^\[|\]$/g, '');
  const agent = new PeerAgent({ ...POOL, ...tls, minVersion: 'TLSv1.3' });
  // Left out, the certificate must be for the host of the URL, a name or an address.
  const { serverName: servername } = relay;
  const options = { host, port: port || HTTPS_PORT, ...(servername && { servername }) };
  return { agent, options, secure: true, peer: () => agent.peer };
}

const HTTPS_PORT = '443';

/** Remembers whose certificate was accepted last. */
class PeerAgent extends TlsAgent {
  peer = 'tls';

  override createConnection(...args: Parameters<TlsAgent['createConnection']>) {
    const socket = super.createConnection(...args) as TLSSocket;
    socket.once('secureConnect', () => {
      const { fingerprint256 = '' } = socket.getPeerCertificate();
      this.peer = `tls:${fingerprint256.replaceAll(':', '').toLowerCase()}`;
    });
    return socket;
  }
}

class SocketAgent extends Agent {
  readonly #path: string;

  constructor(path: string) {
    super(POOL);
    this.#path = path;
  }

  override createConnection(): Duplex {
    return connectSocket(this.#path);
  }
}

type Connected = (error: Error | null, socket: Duplex) => void;

/**
 * The host's end of a guest's vsock as Firecracker and Cloud Hypervisor give it: `CONNECT <port>`
 * is answered with `OK <host port>`, and what follows is the guest's stream
 * (Firecracker, "Using the Firecracker Virtio-vsock Device").
 */
class VsockAgent extends Agent {
  readonly #path: string;
  readonly #port: number;

  constructor(path: string, port: number) {
    super(POOL);
    this.#path = path;
    this.#port = port;
  }

  override createConnection(_: unknown, connected?: Connected): undefined {
    const socket = connectSocket(this.#path);
    const done = (error: Error | null): void => {
      clearTimeout(late);
      socket.off('error', done).off('end', ended).off('readable', look);
      if (error !== null) socket.destroy();
      connected?.(error, socket);
    };
    const ended = (): void => done(new Error(`nobody listens on port ${this.#port} of the guest`));
    const late = setTimeout(() => done(new Error('no answer to CONNECT')), OPP_REQUEST_MS_MAX);
    let answer = Buffer.alloc(0);
    const look = (): void => {
      for (let more = socket.read(); more !== null; more = socket.read()) {
        answer = Buffer.concat([answer, more as Buffer]);
      }
      const end = answer.indexOf('\n');
      if (end < 0 && answer.length <= VSOCK_ANSWER_BYTES_MAX) return;
      const line = answer.toString('latin1', 0, end < 0 ? VSOCK_ANSWER_BYTES_MAX : end);
      // Behind the line the stream is the guest's.
      if (end >= 0 && end + 1 < answer.length) socket.unshift(answer.subarray(end + 1));
      const isOk = end >= 0 && /^OK \d+$/.test(line);
      done(isOk ? null : new Error(`CONNECT was answered ${JSON.stringify(line)}`));
    };
    socket.on('error', done).on('end', ended).on('readable', look);
    socket.write(`CONNECT ${this.#port}\n`);
  }
}
