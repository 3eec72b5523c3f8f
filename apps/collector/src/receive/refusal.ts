/**
 * What a sender of OTLP hears when it is refused, over HTTP and over gRPC alike: the code, the
 * reason and what to do.
 */
import { CodedError, GRPC_STATUS, SchemaError } from '@vitrine/schema';
import { type Refusal, refusalOf } from '@vitrine/schema/receive';

/** The request was refused before it was read as OTLP. */
export class ReceiveRefusal extends CodedError<
  'NOT_FOUND' | 'METHOD_NOT_ALLOWED' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'UNSUPPORTED_TYPE'
> {}

export interface Answer extends Refusal {
  /** Of the error table; INTERNAL where it is no error of ours. */
  code: string;
  message: string;
}

const RETRY_MS = 1_000;
const REFUSALS: Record<string, Refusal> = {
  NOT_FOUND: { http: 404, grpc: GRPC_STATUS.unimplemented },
  METHOD_NOT_ALLOWED: { http: 405, grpc: GRPC_STATUS.unimplemented },
  UNAUTHENTICATED: { http: 401, grpc: GRPC_STATUS.unauthenticated },
  FORBIDDEN: { http: 403, grpc: GRPC_STATUS.permissionDenied },
  UNSUPPORTED_TYPE: { http: 415, grpc: GRPC_STATUS.invalidArgument },
  ENTRY_TOO_LARGE: { http: 413, grpc: GRPC_STATUS.resourceExhausted },
  QUEUE_FULL: { http: 429, grpc: GRPC_STATUS.unavailable, retryMs: RETRY_MS },
  QUEUE_CLOSED: { http: 503, grpc: GRPC_STATUS.unavailable, retryMs: RETRY_MS },
  JOURNAL_UNWRITABLE: { http: 503, grpc: GRPC_STATUS.unavailable, retryMs: RETRY_MS },
};
/**
 * A fault of ours is no fault of the sender's: after 500 it would have to drop what it has (OTLP
 * 1.11, "Failures"), after 503 it keeps it and tries for as long as it is set to.
 */
const INTERNAL: Refusal = { http: 503, grpc: GRPC_STATUS.unavailable, retryMs: RETRY_MS };

/** `log` hears of faults that are ours. */
export function answerTo(error: unknown, log: (line: string) => void): Answer {
  const known = error instanceof CodedError ? error : undefined;
  const refusal =
    error instanceof SchemaError ? refusalOf(error) : (REFUSALS[known?.code ?? ''] ?? INTERNAL);
  if (refusal === INTERNAL) {
    log(`otlp: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  const message =
    known === undefined
      ? 'INTERNAL: something went wrong here; send it again'
      : `${known.code}: ${known.message}${known.hint === '' ? '' : `; ${known.hint}`}`;
  return { ...refusal, code: known?.code ?? 'INTERNAL', message };
}
