/**
 * What a sender hears when its request is refused here: the same whichever way it came. The codes
 * are those after which OTLP 1.11 lets an exporter send again, and those after which it must not.
 */
import type { SchemaError } from '../../error.ts';
import { GRPC_STATUS } from '../response.ts';

/** A refusal without `retryMs` is final: the same request would be refused again. */
export interface Refusal {
  http: number;
  grpc: number;
  retryMs?: number;
}

const RETRY_MS = 1_000;
const { invalidArgument, resourceExhausted, unavailable, unimplemented, internal } = GRPC_STATUS;

const REFUSALS: Record<SchemaError['code'], Refusal> = {
  OTLP_MALFORMED: { http: 400, grpc: invalidArgument },
  EVENT_INVALID: { http: 400, grpc: invalidArgument },
  OTLP_TOO_LARGE: { http: 413, grpc: resourceExhausted },
  OTLP_TOO_MANY_RECORDS: { http: 413, grpc: resourceExhausted },
  HOOK_MALFORMED: { http: 400, grpc: invalidArgument },
  HOOK_TOO_LARGE: { http: 413, grpc: resourceExhausted },
  OTLP_OVERLOADED: { http: 429, grpc: unavailable, retryMs: RETRY_MS },
  GRPC_UNIMPLEMENTED: { http: 501, grpc: unimplemented },
  GRPC_MALFORMED: { http: 400, grpc: internal },
  GRPC_DEADLINE: { http: 504, grpc: GRPC_STATUS.deadlineExceeded },
};

export function refusalOf(error: SchemaError): Refusal {
  return REFUSALS[error.code];
}
