/**
 * One intake: OTLP/HTTP on a Unix socket for one vantage. Whoever can reach the socket may be
 * hostile, so connections, headers, time and memory are bounded before anything is read.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  decodeExport,
  GRPC_STATUS,
  INTAKE_BODIES_BYTES_MAX,
  INTAKE_CONNECTIONS_MAX,
  INTAKE_HEADER_BYTES_MAX,
  INTAKE_HEADER_MS_MAX,
  INTAKE_REQUEST_MS_MAX,
  SchemaError,
  type Signal,
  toEvents,
  type Vantage,
} from '@vitrine/schema';
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
import { Body } from './body.ts';
import { Budget } from './budget.ts';

const ROUTES = new Map<string, Signal>([
  ['/v1/logs', 'logs'],
  ['/v1/traces', 'traces'],
  ['/v1/metrics', 'metrics'],
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

export function createIntake(options: IntakeOptions): Server {
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
  return server;
}

async function answer(
  options: IntakeOptions,
  budget: Budget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const encoding = encodingOf(request.headers['content-type']);
  const signal = ROUTES.get(request.url ?? '');
  const refused = refusal(options.custody, request, signal, encoding);
  if (refused !== undefined) {
    refuse(request, response, encoding ?? 'json', refused);
    return;
  }
  const body = new Body(budget);
  try {
    await readCounted(options, body, request);
    const { custody, vantage } = options;
    const read = () => toEvents(decodeExport(signal!, encoding!, body.bytes));
    sendTaken(response, signal!, encoding!, await custody.take(vantage, read));
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

/** What can be said before the body is read. */
function refusal(
  custody: Custody,
  request: IncomingMessage,
  signal: Signal | undefined,
  encoding: Encoding | undefined,
): Failure | undefined {
  const { unimplemented, invalidArgument } = GRPC_STATUS;
  if (signal === undefined) {
    const message = `this intake has ${[...ROUTES.keys()].join(', ')} and nothing else`;
    return { status: 404, grpc: unimplemented, message };
  }
  if (request.method !== 'POST') {
    return { status: 405, grpc: unimplemented, message: 'OTLP/HTTP is sent with POST' };
  }
  if (encoding === undefined) {
    const message = 'the content type must be application/x-protobuf or application/json';
    return { status: 415, grpc: invalidArgument, message };
  }
  return custody.closed
    ? failureOf(new RelayError('DRAINING', 'this relay is closing'))
    : undefined;
}

/** Losses that happen before `Custody` sees anything are counted here. */
async function readCounted(options: IntakeOptions, body: Body, request: IncomingMessage) {
  const { custody, vantage } = options;
  try {
    await body.read(request);
  } catch (error) {
    if (error instanceof SchemaError) {
      custody.drops.count(vantage, error.code === 'OTLP_TOO_LARGE' ? 'too_large' : 'malformed');
    } else if (error instanceof RelayError && error.code === 'OVERLOADED') {
      custody.drops.count(vantage, 'overload');
    }
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
