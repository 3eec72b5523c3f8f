/**
 * OTLP/HTTP for sources without a relay: `POST /v1/{logs,traces,metrics}`, protobuf or JSON, gzip;
 * and the hooks of Claude Code: `POST /v1/hooks/claude-code`. An answer of 200 means that the
 * request is durable (OTLP 1.11).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  encodeExportResponse,
  encodeStatus,
  HOOK_PATH,
  OTLP_BODY_BYTES_MAX,
  OTLP_CONNECTIONS_MAX,
  OTLP_HEADER_BYTES_MAX,
  OTLP_REQUEST_MS_MAX,
  type Signal,
} from '@vitrine/schema';
import { BodyBuffer } from '@vitrine/schema/receive';
import { admitHook, admitPush } from '../admit/push.ts';
import { dropRest, readBody } from './body.ts';
import { answerTo, ReceiveRefusal } from './refusal.ts';
import { authenticate, memoryFor, type ReceiveTarget } from './sender.ts';

type Encoding = 'protobuf' | 'json';

const TYPES: Record<Encoding, string> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};
const SECOND_MS = 1_000;
/** How often late senders are looked for while one request may take its time. */
const CHECKS_PER_REQUEST = 10;
/** What HTTP demands beside a status (RFC 9110 §11.6.1, §10.2.1). */
const ALONG: Record<number, [name: string, value: string]> = {
  401: ['www-authenticate', 'Bearer'],
  405: ['allow', 'POST'],
};

/** `requestMsMax`: other than the limit in tests only. */
export function otlpServer(target: ReceiveTarget, requestMsMax = OTLP_REQUEST_MS_MAX): Server {
  const server = createServer(
    {
      maxHeaderSize: OTLP_HEADER_BYTES_MAX,
      requestTimeout: requestMsMax,
      headersTimeout: requestMsMax,
      connectionsCheckingInterval: requestMsMax / CHECKS_PER_REQUEST,
    },
    (request, response) => void answer(target, request, response),
  );
  server.maxConnections = OTLP_CONNECTIONS_MAX;
  return server;
}

async function answer(
  target: ReceiveTarget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const started = performance.now();
  const encoding = encodingOf(request);
  let buffer: BodyBuffer | undefined;
  try {
    const route = routeOf(request);
    const principal = authenticate(target, request.headers.authorization);
    if (!isType(request, TYPES[encoding])) {
      const type = request.headers['content-type'] ?? 'none';
      const taken = route === 'hook' ? TYPES.json : `${TYPES.protobuf} or ${TYPES.json}`;
      throw new ReceiveRefusal(
        'UNSUPPORTED_TYPE',
        `the body has content-type ${type}`,
        `send ${taken}`,
      );
    }
    const memory = memoryFor(target, principal, Number(request.headers['content-length'] ?? 0));
    buffer = new BodyBuffer(memory, OTLP_BODY_BYTES_MAX);
    const body = await readBody(request, buffer);
    const peer = request.socket.remoteAddress ?? '';
    const records =
      route === 'hook'
        ? await admitHook(target, { principal, peer, body })
        : await admitPush(target, { principal, peer, signal: route, contentType: encoding, body });
    target.figures.acknowledged('http', route, records, performance.now() - started);
    const signal = route === 'hook' ? 'logs' : route;
    send(response, 200, encoding, encodeExportResponse(signal, encoding));
  } catch (error) {
    buffer?.release();
    await dropRest(request);
    // Unread bytes are left only by a sender that went away, or that never ends.
    if (!request.complete) response.setHeader('connection', 'close');
    if (!request.destroyed || request.complete) refuse(target, response, encoding, error);
  } finally {
    buffer?.release();
  }
}

/** Hooks are JSON, whatever else their sender may say. */
function encodingOf(request: IncomingMessage): Encoding {
  return pathOf(request) === HOOK_PATH || isType(request, TYPES.json) ? 'json' : 'protobuf';
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?')[0]!;
}

function routeOf(request: IncomingMessage): Signal | 'hook' {
  const path = pathOf(request);
  const signal = path === HOOK_PATH ? 'hook' : /^\/v1\/(logs|traces|metrics)$/.exec(path)?.[1];
  if (signal === undefined) {
    const hint = `OTLP goes to /v1/logs, /v1/traces or /v1/metrics, hooks to ${HOOK_PATH}`;
    throw new ReceiveRefusal('NOT_FOUND', `there is no ${path}`, hint);
  }
  if (request.method !== 'POST') {
    throw new ReceiveRefusal('METHOD_NOT_ALLOWED', `${path} takes POST only`, 'send it with POST');
  }
  return signal as Signal | 'hook';
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
  const { http, grpc, retryMs, code, message } = answerTo(error, target.log);
  target.figures.refused('http', code);
  const along = ALONG[http];
  if (along !== undefined) response.setHeader(...along);
  if (retryMs !== undefined) response.setHeader('retry-after', Math.ceil(retryMs / SECOND_MS));
  send(response, http, encoding, encodeStatus(encoding, grpc, message));
}

function send(response: ServerResponse, status: number, encoding: Encoding, body: Buffer): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'content-type': TYPES[encoding],
    'content-length': String(body.length),
  });
  response.end(body);
}
