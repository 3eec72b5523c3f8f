/**
 * What an intake answers (OTLP 1.11, "OTLP/HTTP Response"): the export response on success,
 * google.rpc.Status on failure, in the encoding of the request. 429 and 503 are the only answers
 * here after which a sender brings the same data again.
 */
import type { ServerResponse } from 'node:http';
import {
  encodeExportResponse,
  encodeStatus,
  GRPC_STATUS,
  SchemaError,
  type Signal,
} from '@vitrine/schema';
import { refusalOf } from '@vitrine/schema/receive';
import type { Taken } from '../custody/queues.ts';
import { RelayError } from '../error.ts';

export type Encoding = 'protobuf' | 'json';

const CONTENT_TYPES: Record<Encoding, string> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};
/** OTLP exporters wait that long instead of backing off by themselves. */
const RETRY_LATER_MS = 5_000;
const SECOND_MS = 1_000;

export interface Failure {
  status: number;
  grpc: number;
  message: string;
  retryMs?: number;
}

export function sendTaken(
  response: ServerResponse,
  signal: Signal,
  encoding: Encoding,
  taken: Taken,
): void {
  send(response, 200, encoding, encodeTaken(signal, encoding, taken));
}

/**
 * The export response: what was not taken is named in it. Throws OTLP_TOO_LARGE when that is all
 * there was: exporters take a partial success for a success, and tell nobody.
 */
export function encodeTaken(
  signal: Signal,
  encoding: Encoding,
  { accepted, rejected, first }: Taken,
): Buffer {
  if (accepted === 0 && rejected > 0) throw new SchemaError('OTLP_TOO_LARGE', first);
  const partial = rejected === 0 ? undefined : { rejected, message: first };
  return encodeExportResponse(signal, encoding, partial);
}

export function sendFailure(response: ServerResponse, encoding: Encoding, failure: Failure): void {
  if (failure.retryMs !== undefined) {
    response.setHeader('retry-after', Math.ceil(failure.retryMs / SECOND_MS));
  }
  send(response, failure.status, encoding, encodeStatus(encoding, failure.grpc, failure.message));
}

function send(response: ServerResponse, status: number, encoding: Encoding, body: Buffer): void {
  response.writeHead(status, {
    'content-type': CONTENT_TYPES[encoding],
    'content-length': body.length,
  });
  // An empty chunk would be a write of its own.
  if (body.length === 0) response.end();
  else response.end(body);
}

/** The encoding a content type names; `undefined` for any other than OTLP's two. */
export function encodingOf(contentType: string | undefined): Encoding | undefined {
  const media = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (media === CONTENT_TYPES.protobuf) return 'protobuf';
  return media === CONTENT_TYPES.json ? 'json' : undefined;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof SchemaError) {
    const { http, ...refusal } = refusalOf(error);
    return { status: http, ...refusal, message: sentence(error) };
  }
  if (!(error instanceof RelayError)) {
    return { status: 500, grpc: GRPC_STATUS.internal, message: 'the relay failed' };
  }
  const message = sentence(error);
  if (error.code === 'ENCODING_UNKNOWN') {
    return { status: 415, grpc: GRPC_STATUS.invalidArgument, message };
  }
  return { status: 503, grpc: GRPC_STATUS.unavailable, message, retryMs: RETRY_LATER_MS };
}

function sentence({ message, hint }: { message: string; hint: string }): string {
  return hint === '' ? message : `${message}; ${hint}`;
}
