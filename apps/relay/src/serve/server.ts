/**
 * The pull protocol OPP/1 on a Unix socket that only the host side can reach: its file is the
 * relay's own (0600), and whoever may open it may pull and acknowledge.
 */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import {
  INTAKE_HEADER_BYTES_MAX,
  INTAKE_HEADER_MS_MAX,
  OPP_CONNECTIONS_MAX,
} from '@vitrine/schema';
import type { ShimTable } from '../chain/shims.ts';
import type { OppTls } from '../config.ts';
import type { Custody } from '../custody/custody.ts';
import { RelayError } from '../error.ts';
import type { Spool } from '../spool/spool.ts';
import { sendError, sendJson } from './answer.ts';
import type { Bell } from './bell.ts';
import { infoOf } from './info.ts';
import { Lease } from './lease.ts';
import { Puller } from './pull.ts';
import { readAck, readJson, readLease, readPull } from './request.ts';
import { boundStrangers } from './strangers.ts';

/** What the pull protocol shows and does. */
export interface Served {
  session: string;
  boot: string;
  spool: Spool;
  custody: Custody;
  shims: ShimTable;
  bell: Bell;
  /** Unix nanoseconds. */
  now: () => bigint;
  log: (line: string) => void;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Answers the requests of all listeners of one relay: they share its lease. */
export function serveRequests(served: Served): RequestListener {
  const routes = routesOf(served);
  return (request, response) => void answer(served, routes, request, response);
}

/** For a Unix socket: who can open that may pull. */
export function createServe(requests: RequestListener): Server {
  const server = createServer(BOUNDS, requests);
  server.maxConnections = OPP_CONNECTIONS_MAX;
  return server;
}

/** For a network: who has no certificate of `clientCa` is refused before it can ask anything. */
export function createTlsServe(requests: RequestListener, tls: OppTls): TlsServer {
  const { cert, key, clientCa: ca } = tls;
  const asked = { cert, key, ca, requestCert: true, rejectUnauthorized: true };
  const server = createTlsServer({ ...BOUNDS, ...asked, minVersion: 'TLSv1.3' }, requests);
  boundStrangers(server);
  return server;
}

const BOUNDS = {
  maxHeaderSize: INTAKE_HEADER_BYTES_MAX,
  headersTimeout: INTAKE_HEADER_MS_MAX,
  handshakeTimeout: INTAKE_HEADER_MS_MAX,
};

function routesOf(served: Served): Map<string, Handler> {
  const puller = new Puller(served);
  const lease = new Lease();
  const leased =
    (handler: Handler): Handler =>
    (request, response) => {
      const { 'opp-lease': held } = request.headers;
      lease.check(Array.isArray(held) ? undefined : held);
      return handler(request, response);
    };
  return new Map<string, Handler>([
    ['GET /opp/v1/info', (_, response) => sendJson(response, 200, infoOf(served))],
    ['POST /opp/v1/lease', (request, response) => giveLease(lease, request, response)],
    [
      'POST /opp/v1/pull',
      leased(async (request, response) => {
        await puller.answer(readPull(await readJson(request)), response);
      }),
    ],
    ['POST /opp/v1/ack', leased((request, response) => acknowledge(served, request, response))],
    ['POST /opp/v1/drain', leased((_, response) => drain(served, response))],
  ]);
}

async function giveLease(
  lease: Lease,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { puller, ttlMs } = readLease(await readJson(request));
  const given = lease.take(puller, ttlMs);
  sendJson(response, 200, { lease: given.lease, ttl_ms: given.ttlMs });
}

async function answer(
  served: Served,
  routes: Map<string, Handler>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const handler = routes.get(`${request.method} ${request.url}`);
    if (handler === undefined) {
      const message = `there is no ${request.method} ${request.url?.slice(0, 128)}`;
      sendJson(response, 404, { error: 'not_found', message });
      return;
    }
    await handler(request, response);
  } catch (error) {
    if (request.destroyed && !request.complete) return;
    if (!request.complete) response.setHeader('connection', 'close');
    if (error instanceof RelayError) {
      sendError(response, error);
      return;
    }
    served.log(`serve: ${String(error)}`);
    sendJson(response, 500, { error: 'internal', message: 'the relay failed' });
  }
}

/** Cumulative and idempotent; only what may have been delivered can be acknowledged. */
async function acknowledge(
  { spool, custody }: Served,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { chain: name, seq } = readAck(await readJson(request));
  const chain = spool.chain(name);
  if (chain === undefined) throw new RelayError('CHAIN_UNKNOWN', `there is no chain ${name}`);
  if (seq > chain.delivered) {
    throw new RelayError('ACK_AHEAD', `${name}: ${chain.delivered} was the last delivered`);
  }
  chain.acknowledge(seq);
  if (spool.canFree) custody.flush();
  response.writeHead(204).end();
}

/**
 * Answers when every chain's last record is durable: from then on nothing is added. Names the last
 * seq of every chain there is something to pull of, those of earlier starts as well.
 */
async function drain({ spool, custody, bell }: Served, response: ServerResponse): Promise<void> {
  await custody.close('drain');
  bell.ring();
  const chains = spool.listed.map(({ name, next }) => ({ chain: name, seq: next - 1 }));
  sendJson(response, 200, { chains });
}
