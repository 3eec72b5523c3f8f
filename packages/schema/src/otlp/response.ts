/**
 * What an OTLP receiver answers (OTLP 1.11, "OTLP/HTTP Response"): Export…ServiceResponse on
 * success, google.rpc.Status on failure, each in the encoding of the request.
 */
import type { Signal } from './model.ts';
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

/** `code` is one of `GRPC_STATUS`; `message` is for the developer of the sender. */
export function encodeStatus(encoding: Encoding, code: number, message: string): Buffer {
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }));
  const writer = new WireWriter();
  if (message !== '') writer.text(2, message);
  if (code !== 0) writer.integer(1, code);
  return writer.finish();
}
