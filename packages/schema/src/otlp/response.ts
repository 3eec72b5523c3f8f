/**
 * What an OTLP receiver answers (OTLP 1.11, "OTLP/HTTP Response"): Export…ServiceResponse on
 * success, google.rpc.Status on failure, each in the encoding of the request.
 */
import { isObject } from '../json.ts';
import type { Signal } from './model.ts';
import { malformed, WireReader } from './wire.ts';
import { WireWriter } from './wire-writer.ts';

type Encoding = 'protobuf' | 'json';

/** `rejected` 0 with a message is a warning: everything was taken. */
export interface PartialSuccess {
  rejected: number;
  message: string;
}

/** google.rpc.Code values a receiver of ours uses (googleapis `rpc/code.proto`). */
export const GRPC_STATUS = {
  ok: 0,
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

const REJECTED: Record<Signal, string> = {
  logs: 'rejectedLogRecords',
  traces: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
};

/** Without `partial` the answer says that all was accepted. */
export function encodeExportResponse(
  signal: Signal,
  encoding: Encoding,
  partial?: PartialSuccess,
): Buffer {
  if (encoding === 'json') {
    if (partial === undefined) return Buffer.from('{}');
    const { rejected, message } = partial;
    const partialSuccess = { [REJECTED[signal]]: String(rejected), errorMessage: message };
    return Buffer.from(JSON.stringify({ partialSuccess }));
  }
  const writer = new WireWriter();
  if (partial === undefined) return writer.finish();
  if (partial.message !== '') writer.text(2, partial.message);
  if (partial.rejected > 0) writer.integer(1, partial.rejected);
  writer.message(1, 0);
  return writer.finish();
}

/**
 * What `encodeExportResponse` or another receiver wrote, of any signal; nothing rejected and no
 * message where the answer has no partial success. Throws OTLP_MALFORMED.
 */
export function decodeExportResponse(encoding: Encoding, body: Uint8Array): PartialSuccess {
  if (encoding === 'json') return partialJson(body);
  const reader = new WireReader(body);
  const partial = { rejected: 0, message: '' };
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag !== PARTIAL_SUCCESS) {
      reader.skip(tag);
      continue;
    }
    const outer = reader.enter();
    while (reader.pos < reader.end) {
      const inner = reader.tag();
      if (inner === REJECTED_COUNT) partial.rejected = Number(reader.int64());
      else if (inner === ERROR_MESSAGE) partial.message = reader.text();
      else reader.skip(inner);
    }
    reader.leave(outer);
  }
  return partial;
}

/** Tags: field number << 3 | wire type. */
const PARTIAL_SUCCESS = 0x0a;
const REJECTED_COUNT = 0x08;
const ERROR_MESSAGE = 0x12;

function partialJson(body: Uint8Array): PartialSuccess {
  let answer: unknown;
  try {
    answer = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch (error) {
    throw malformed('the answer is no JSON', error);
  }
  if (!isObject(answer)) throw malformed('the answer is no object');
  const partial = isObject(answer.partialSuccess) ? answer.partialSuccess : {};
  const counts = Object.values(REJECTED).map((name) => Number(partial[name] ?? 0));
  if (!counts.every(Number.isSafeInteger)) throw malformed('a count of the answer is no number');
  const { errorMessage } = partial;
  const message = typeof errorMessage === 'string' ? errorMessage : '';
  return { rejected: counts.find((count) => count !== 0) ?? 0, message };
}

/** `code` is one of `GRPC_STATUS`; `message` is for the developer of the sender. */
export function encodeStatus(encoding: Encoding, code: number, message: string): Buffer {
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }));
  const writer = new WireWriter();
  if (message !== '') writer.text(2, message);
  if (code !== 0) writer.integer(1, code);
  return writer.finish();
}
