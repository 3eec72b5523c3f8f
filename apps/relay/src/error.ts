/** The relay's one error class. */
import { CodedError } from '@vitrine/schema';

/** What the relay refuses or fails at. `serve/answer.ts` and `intake/answer.ts` map it to HTTP. */
export class RelayError extends CodedError<
  | 'CONFIG_INVALID'
  | 'SOCKET_IN_USE'
  | 'SOCKET_UNUSABLE'
  | 'SPOOL_LOCKED'
  | 'SPOOL_FULL'
  | 'SPOOL_UNWRITABLE'
  | 'SPOOL_UNREADABLE'
  | 'DRAINING'
  | 'REQUEST_INVALID'
  | 'CHAIN_UNKNOWN'
  | 'ACK_AHEAD'
  | 'EVICTED'
  | 'LEASED'
  | 'LEASE_UNKNOWN'
  | 'ENCODING_UNKNOWN'
> {}

/** The code of a failed system call, if `error` carries one (`ENOSPC`, `EEXIST` …). */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
