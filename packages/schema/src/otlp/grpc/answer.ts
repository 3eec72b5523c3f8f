/**
 * How a call is answered (gRPC over HTTP/2, "Responses"): one message and trailers, or trailers
 * only. What a sender may try again says after how long (OTLP 1.11, "OTLP/gRPC Throttling").
 */
import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { GRPC_REASON_BYTES_MAX } from '../../limits.ts';
import { ACCEPTED_PACKINGS } from '../receive/unpack.ts';
import { GRPC_STATUS } from '../response.ts';
import { WireWriter } from '../wire-writer.ts';
import { frame } from './frame.ts';

export interface RpcFailure {
  /** One of `GRPC_STATUS`. */
  grpc: number;
  message: string;
  /** Given when the same request may succeed later. */
  retryMs?: number;
}

const HEADERS: OutgoingHttpHeaders = {
  'content-type': 'application/grpc',
  'grpc-accept-encoding': ACCEPTED_PACKINGS,
};
const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';
const SECOND_MS = 1_000;
const MILLISECOND_NS = 1_000_000;

export function sendMessage(stream: ServerHttp2Stream, message: Uint8Array): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond({ ...HEADERS, ':status': 200 }, { waitForTrailers: true });
  stream.once('wantTrailers', () => {
    stream.sendTrailers({ 'grpc-status': String(GRPC_STATUS.ok) });
  });
  stream.end(frame(message));
}

/** `httpStatus` is 200 for everything that speaks gRPC. */
export function sendFailure(
  stream: ServerHttp2Stream,
  httpStatus: number,
  failure: RpcFailure,
): void {
  if (stream.destroyed || stream.closed) return;
  const message = cut(failure.message);
  const headers: OutgoingHttpHeaders = {
    ...HEADERS,
    ':status': httpStatus,
    'grpc-status': String(failure.grpc),
    'grpc-message': percentEncoded(message),
  };
  if (failure.retryMs !== undefined) {
    headers['grpc-status-details-bin'] = details({ ...failure, message }, failure.retryMs);
  }
  const isWhole = stream.readableEnded;
  stream.respond(headers, { endStream: true });
  // The rest of the request is not wanted (RFC 9113 §8.1); the answer is complete.
  if (!isWhole) stream.close(constants.NGHTTP2_NO_ERROR);
}

/** At a character's boundary: a header is no place for a long text. */
function cut(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length <= GRPC_REASON_BYTES_MAX) return bytes;
  let end = GRPC_REASON_BYTES_MAX;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}

/** Space to `~` stay as they are, but for `%`. */
function percentEncoded(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    text += isPlain
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

/** google.rpc.Status with a google.rpc.RetryInfo, in base64 without padding. */
function details({ grpc, message }: { grpc: number; message: Buffer }, retryMs: number): string {
  const writer = new WireWriter();
  const nanos = (retryMs % SECOND_MS) * MILLISECOND_NS;
  if (nanos > 0) writer.integer(2, nanos);
  if (retryMs >= SECOND_MS) writer.integer(1, Math.floor(retryMs / SECOND_MS));
  writer.message(1, 0); // RetryInfo.retry_delay
  writer.message(2, 0); // Any.value
  writer.text(1, RETRY_INFO);
  writer.message(3, 0); // Status.details
  writer.blob(2, message);
  writer.integer(1, grpc);
  return writer.finish().toString('base64').replaceAll('=', '');
}
