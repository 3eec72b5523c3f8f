/**
 * One intake: OTLP/HTTP, OTLP/gRPC and the hooks of Claude Code on a Unix socket for one vantage.
 * Whoever can reach the socket may be hostile, so connections, headers, time and memory are bounded
 * before anything is read.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  decodeExport,
  GRPC_STATUS,
  HOOK_PATH,
  hookEvent,
  INTAKE_BODIES_BYTES_MAX,
  INTAKE_CONNECTIONS_MAX,
  INTAKE_HEADER_BYTES_MAX,
  INTAKE_HEADER_MS_MAX,
  INTAKE_REQUEST_MS_MAX,
  OTLP_BODY_BYTES_MAX,
  type SandboxEvent,
  SchemaError,
  type Signal,
  toEvents,
  type Vantage,
} from '@vitrine/schema';
import { shareListener } from '@vitrine/schema/grpc';
import { BodyBuffer, Budget } from '@vitrine/schema/receive';
import type { Custody } from '../custody/custody.ts';
import { RelayError } from '../error.ts';
import {
  type Encoding,
  encodingOf,
  type Failure,
  failureOf,
  sendFailure,
  sendTaken,
} from './answer.ts';
import { readBody } from './body.ts';
import { countLost, grpcIntake } from './grpc.ts';

type Route = Signal | 'hook';

const ROUTES = new Map<string, Route>([
  ['/v1/logs', 'logs'],
  ['/v1/traces', 'traces'],
  ['/v1/metrics', 'metrics'],
  [HOOK_PATH, 'hook'],
]);
/** How often Node looks for connections that are late. */
const CHECK_MS = 1_000;
/** What a refused sender gets to finish before its connection is cut. */
const LINGER_MS = 1_000;

export interface IntakeOptions {
  vantage: Vantage;
  custody: Custody;
  log: (line: string) => void;
}

export interface Intake {
  server: Server;
  /** Connections get `graceMs` to take their last answers. */
  close(graceMs: number): Promise<void>;
}

export function createIntake(options: IntakeOptions): Intake {
  const budget = new Budget(INTAKE_BODIES_BYTES_MAX);
  const server = createServer(
    {
      maxHeaderSize: INTAKE_HEADER_BYTES_MAX,
      headersTimeout: INTAKE_HEADER_MS_MAX,
      requestTimeout: INTAKE_REQUEST_MS_MAX,
      connectionsCheckingInterval: CHECK_MS,
    },
    (request, response) => void answer(options, budget, request, response),
  );
  server.maxConnections = INTAKE_CONNECTIONS_MAX;
  const grpc = grpcIntake(options, budget);
  const cutUndecided = shareListener(server, grpc, INTAKE_HEADER_MS_MAX);
  const close = async (graceMs: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    cutUndecided();
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    await Promise.all([promise, grpc.close(graceMs)]);
    clearTimeout(cut);
  };
  return { server, close };
}

async function answer(
  options: IntakeOptions,
  budget: Budget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const encoding = encodingOf(request.headers['content-type']);
  const route = ROUTES.get(request.url ?? '');
  const refused = refusal(options.custody, request, route, encoding);
  if (refused !== undefined) {
    refuse(request, response, encoding ?? 'json', refused);
    return;
  }
  const body = new BodyBuffer(budget, OTLP_BODY_BYTES_MAX);
  try {
    const bytes = await readCounted(options, body, request);
    const { custody, vantage } = options;
    const taken = await custody.take(vantage, () => eventsOf(route!, encoding!, bytes));
    sendTaken(response, route === 'hook' ? 'logs' : route!, encoding!, taken);
  } catch (error) {
    if (!request.complete && request.destroyed) return;
    if (!(error instanceof SchemaError || error instanceof RelayError)) {
      options.log(`intake ${options.vantage}: ${String(error)}`);
    }
    refuse(request, response, encoding!, failureOf(error));
  } finally {
    body.release();
  }
}

function eventsOf(route: Route, encoding: Encoding, body: Buffer): SandboxEvent[] {
  if (route === 'hook') return [hookEvent(body)];
  return toEvents(decodeExport(route, encoding, body, { direct: 'relayed' }));
}

/** What can be said before the body is read. */
function refusal(
  custody: Custody,
  request: IncomingMessage,
  route: Route | undefined,
  encoding: Encoding | undefined,
): Failure | undefined {
  const { unimplemented, invalidArgument } = GRPC_STATUS;
  if (route === undefined) {
    const message = `this intake has ${[...ROUTES.keys()].join(', ')} and nothing else`;
    return { status: 404, grpc: unimplemented, message };
  }
  if (request.method !== 'POST') {
    return { status: 405, grpc: unimplemented, message: 'everything here is sent with POST' };
  }
  if (encoding === undefined) {
    const message = 'the content type must be application/x-protobuf or application/json';
    return { status: 415, grpc: invalidArgument, message };
  }
  if (route === 'hook' && encoding !== 'json') {
    const message = 'the content type of a hook must be application/json';
    return { status: 415, grpc: invalidArgument, message };
  }
  return custody.closed
    ? failureOf(new RelayError('DRAINING', 'this relay is closing'))
    : undefined;
}

async function readCounted(
  options: IntakeOptions,
  body: BodyBuffer,
  request: IncomingMessage,
): Promise<Buffer> {
  try {
    return await readBody(request, body);
  } catch (error) {
    if (error instanceof SchemaError) countLost(options, error);
    throw error;
  }
}

/** Answers, and closes the connection if the sender has not finished by then. */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  encoding: Encoding,
  failure: Failure,
): void {
  if (!request.complete) {
    response.setHeader('connection', 'close');
    request.resume();
    const cut = setTimeout(() => request.destroy(), LINGER_MS);
    request.once('close', () => clearTimeout(cut));
  }
  sendFailure(response, encoding, failure);
}
