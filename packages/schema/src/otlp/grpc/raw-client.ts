/**
 * A gRPC client that sends whatever it is told, for tests of receivers: it keeps no rule of the
 * protocol by itself and hides nothing of the answer.
 */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as connectSocket } from 'node:net';
import type { Signal } from '../model.ts';
import { frame } from './frame.ts';

export const EXPORT_PATHS: Record<Signal, string> = {
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
};

export interface RawAnswer {
  headers: IncomingHttpHeaders;
  /** Of the trailers, or of the headers when those are the whole answer; -1 when there is none. */
  status: number;
  /** Percent-decoded. */
  message: string;
  /** `grpc-status-details-bin`, decoded; empty when there is none. */
  details: Buffer;
  /** DATA of the answer, with its prefix. */
  data: Buffer;
  trailersOnly: boolean;
  rstCode: number;
}

export interface RawCall {
  path?: string;
  headers?: OutgoingHttpHeaders;
  /** DATA as sent, with any prefix. */
  body?: Uint8Array;
  /** False leaves the request open. */
  end?: boolean;
}

/** Connects to a URL, or to a Unix socket when it begins with `/`. Whoever has it destroys it. */
export function rawConnect(target: string): ClientHttp2Session {
  const isSocket = target.startsWith('/');
  const session = isSocket
    ? connect('http://localhost', { createConnection: () => connectSocket(target) })
    : connect(target);
  session.on('error', () => {});
  return session;
}

export function rawStream(session: ClientHttp2Session, call: RawCall): ClientHttp2Stream {
  const { path = EXPORT_PATHS.logs, headers = {}, body, end = true } = call;
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  stream.on('error', () => {});
  if (body !== undefined) stream.write(body);
  if (end) stream.end();
  return stream;
}

/** Resolves when the stream is closed, whoever closed it. */
export function rawAnswer(stream: ClientHttp2Stream): Promise<RawAnswer> {
  const { promise, resolve } = Promise.withResolvers<RawAnswer>();
  let headers: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders | undefined;
  const chunks: Buffer[] = [];
  stream.on('response', (given) => {
    headers = given;
  });
  stream.on('trailers', (given) => {
    trailers = given;
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('close', () => {
    const last = trailers ?? headers;
    resolve({
      headers,
      status: Number(last['grpc-status'] ?? -1),
      message: decodeURIComponent(String(last['grpc-message'] ?? '')),
      details: Buffer.from(String(last['grpc-status-details-bin'] ?? ''), 'base64'),
      data: Buffer.concat(chunks),
      trailersOnly: trailers === undefined,
      rstCode: stream.rstCode ?? 0,
    });
  });
  return promise;
}

/** One call with `message` behind its prefix. */
export function rawExport(
  session: ClientHttp2Session,
  message: Uint8Array,
  call: RawCall = {},
): Promise<RawAnswer> {
  return rawAnswer(rawStream(session, { body: frame(message), ...call }));
}
