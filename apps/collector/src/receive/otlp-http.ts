/**
 * OTLP/HTTP for sources without a relay: `POST /v1/{logs,traces,metrics}`, protobuf or JSON, gzip.
 * An answer of 200 means that the request is durable (OTLP 1.11).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  CodedError,
  encodeExportResponse,
  encodeStatus,
  GRPC_STATUS,
  OTLP_CONNECTIONS_MAX,
  OTLP_REQUEST_MS_MAX,
  type Signal,
} from '@vitrine/schema';
import { may } from '../access/may.ts';
import { bearerOf, type Tokens } from '../access/tokens.ts';
import { admitPush, type PushTarget } from '../admit/push.ts';
import { dropRest, readBody } from './body.ts';

export interface ReceiveTarget extends PushTarget {
  tokens: Tokens;
  tenant: string;
  log: (line: string) => void;
}

type Encoding = 'protobuf' | 'json';

const TYPES: Record<Encoding, string> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};
const RETRY_AFTER_SECONDS = '1';

/** What each refusal answers; only 429 and 503 are sent again by an OTLP client. */
const REFUSALS: Record<string, { status: number; rpc: number }> = {
  NOT_FOUND: { status: 404, rpc: GRPC_STATUS.unimplemented },
  METHOD_NOT_ALLOWED: { status: 405, rpc: GRPC_STATUS.unimplemented },
  UNAUTHENTICATED: { status: 401, rpc: GRPC_STATUS.unauthenticated },
  FORBIDDEN: { status: 403, rpc: GRPC_STATUS.permissionDenied },
  UNSUPPORTED_TYPE: { status: 415, rpc: GRPC_STATUS.invalidArgument },
  OTLP_MALFORMED: { status: 400, rpc: GRPC_STATUS.invalidArgument },
  OTLP_TOO_LARGE: { status: 413, rpc: GRPC_STATUS.resourceExhausted },
  OTLP_TOO_MANY_RECORDS: { status: 413, rpc: GRPC_STATUS.resourceExhausted },
  ENTRY_TOO_LARGE: { status: 413, rpc: GRPC_STATUS.resourceExhausted },
  QUEUE_FULL: { status: 429, rpc: GRPC_STATUS.unavailable },
  QUEUE_CLOSED: { status: 503, rpc: GRPC_STATUS.unavailable },
  JOURNAL_UNWRITABLE: { status: 503, rpc: GRPC_STATUS.unavailable },
};
const INTERNAL = { status: 500, rpc: GRPC_STATUS.internal };

/** The request was refused before it was read as OTLP. */
class Refusal extends CodedError {}

export function otlpServer(target: ReceiveTarget): Server {
  const server = createServer((request, response) => {
    void answer(target, request, response);
  });
  server.requestTimeout = OTLP_REQUEST_MS_MAX;
  server.headersTimeout = OTLP_REQUEST_MS_MAX;
  server.maxConnections = OTLP_CONNECTIONS_MAX;
  return server;
}

async function answer(
  target: ReceiveTarget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const encoding: Encoding = isType(request, TYPES.json) ? 'json' : 'protobuf';
  try {
    const signal = signalOf(request);
    const principal = authenticate(target, request);
    if (!isType(request, TYPES[encoding])) {
      const type = request.headers['content-type'] ?? 'none';
      const hint = `send ${TYPES.protobuf} or ${TYPES.json}`;
      throw new Refusal('UNSUPPORTED_TYPE', `the body has content-type ${type}`, hint);
    }
    const body = await readBody(request);
    const peer = request.socket.remoteAddress ?? '';
    await admitPush(target, { principal, peer, signal, contentType: encoding, body });
    send(response, 200, encoding, encodeExportResponse(signal, encoding));
  } catch (error) {
    await dropRest(request);
    // Unread bytes are left only by a sender that went away, or that never ends.
    if (!request.complete) response.setHeader('connection', 'close');
    if (!request.destroyed || request.complete) refuse(target, response, encoding, error);
  }
}

function signalOf(request: IncomingMessage): Signal {
  const path = (request.url ?? '').split('?')[0]!;
  const signal = /^\/v1\/(logs|traces|metrics)$/.exec(path)?.[1];
  if (signal === undefined) {
    const hint = 'OTLP goes to /v1/logs, /v1/traces or /v1/metrics';
    throw new Refusal('NOT_FOUND', `there is no ${path}`, hint);
  }
  if (request.method !== 'POST') {
    throw new Refusal('METHOD_NOT_ALLOWED', `${path} takes POST only`, 'send it with POST');
  }
  return signal as Signal;
}

function authenticate(target: ReceiveTarget, request: IncomingMessage): string {
  const token = bearerOf(request.headers.authorization);
  const principal = target.tokens.authenticate(token, new Date());
  if (principal === null) {
    const hint = 'set OTEL_EXPORTER_OTLP_HEADERS to Authorization=Bearer%20TOKEN';
    throw new Refusal('UNAUTHENTICATED', 'this needs an ingest token', hint);
  }
  if (!may(principal, 'otlp.ingest', { tenant: target.tenant })) {
    const hint = 'vitrine token create --role ingest makes one that may';
    throw new Refusal('FORBIDDEN', `role ${principal.role} may not send events`, hint);
  }
  return principal.id;
}

function isType(request: IncomingMessage, type: string): boolean {
  const given = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  return given === type;
}

function refuse(
  target: ReceiveTarget,
  response: ServerResponse,
  encoding: Encoding,
  error: unknown,
): void {
  const known = error instanceof CodedError ? error : undefined;
  const { status, rpc } = REFUSALS[known?.code ?? ''] ?? INTERNAL;
  if (status === INTERNAL.status) {
    target.log(`otlp: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  const message =
    known === undefined
      ? 'INTERNAL: something went wrong here; send it again'
      : `${known.code}: ${known.message}${known.hint === '' ? '' : `; ${known.hint}`}`;
  if (status === 429 || status === 503) response.setHeader('retry-after', RETRY_AFTER_SECONDS);
  send(response, status, encoding, encodeStatus(encoding, rpc, message));
}

function send(response: ServerResponse, status: number, encoding: Encoding, body: Buffer): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'content-type': TYPES[encoding],
    'content-length': String(body.length),
  });
  response.end(body);
}
