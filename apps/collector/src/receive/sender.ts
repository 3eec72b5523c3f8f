/** Who sends OTLP here: the same for HTTP and gRPC, and asked before anything of a body is read. */
import { INTAKE_REQUEST_BYTES_MIN } from '@vitrine/schema';
import type { Budget, Memory } from '@vitrine/schema/receive';
import { may } from '../access/may.ts';
import { bearerOf, type Tokens } from '../access/tokens.ts';
import type { PushTarget } from '../admit/push.ts';
import type { Figures } from '../metrics/figures.ts';
import { ReceiveRefusal } from './refusal.ts';

export interface ReceiveTarget extends PushTarget {
  tokens: Tokens;
  tenant: string;
  /** Memory for the bodies of all senders. */
  budget: Budget;
  figures: Figures;
  log: (line: string) => void;
}

/**
 * Memory for a request of so many bytes, as far as is known, of one sender. Throws QUEUE_FULL where
 * the queue would not take it: then nothing of it is read.
 */
export function memoryFor(
  { journal, budget }: Pick<ReceiveTarget, 'journal' | 'budget'>,
  principal: string,
  bytes: number,
): Memory {
  journal.assertRoom({ kind: 'push', principal }, Math.max(bytes, INTAKE_REQUEST_BYTES_MIN));
  return budget.shareOf(principal);
}

/** The principal's id, from the `authorization` header. Throws UNAUTHENTICATED or FORBIDDEN. */
export function authenticate(target: ReceiveTarget, authorization: string | undefined): string {
  const principal = target.tokens.authenticate(bearerOf(authorization), new Date());
  if (principal === null) {
    const hint = 'set OTEL_EXPORTER_OTLP_HEADERS to Authorization=Bearer%20TOKEN';
    throw new ReceiveRefusal('UNAUTHENTICATED', 'this needs an ingest token', hint);
  }
  if (!may(principal, 'otlp.ingest', { tenant: target.tenant })) {
    const hint = 'vitrine token create --role ingest makes one that may';
    throw new ReceiveRefusal('FORBIDDEN', `role ${principal.role} may not send events`, hint);
  }
  return principal.id;
}
