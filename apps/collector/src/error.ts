/** The collector's errors, and how it reads those of the system. */
import { CodedError } from '@vitrine/schema';

/** What the collector refuses or fails at; the API's answers are in `api/errors.ts`. */
export class CollectorError extends CodedError<
  | 'CONFIG_INVALID'
  | 'PORT_IN_USE'
  | 'DATA_LOCKED'
  | 'JOURNAL_CORRUPT'
  | 'JOURNAL_UNWRITABLE'
  | 'QUEUE_FULL'
  | 'QUEUE_CLOSED'
  | 'ENTRY_TOO_LARGE'
  | 'LOG_KEY_MISMATCH'
  | 'LOG_AHEAD'
  | 'LOG_EDGE_MISMATCH'
  | 'INTENT_CORRUPT'
  | 'WRITER_SUPERSEDED'
  | 'DATA_NOT_EMPTY'
  | 'DATA_UNWRITABLE'
  | 'NOTE_UNREADABLE'
  | 'REBUILD_BEHIND'
  | 'REBUILD_FORKED'
  | 'REBUILD_UNSOUND'
  | 'RELAY_AWAY'
  | 'RELAY_INVALID'
  | 'RELAY_REFUSED'
  | 'SANDBOX_INVALID'
  | 'SANDBOX_LIMIT'
  | 'SESSION_EXISTS'
  | 'SESSION_UNKNOWN'
> {}

/** The code of a failed system call, if `error` carries one (`ENOSPC`, `EEXIST` …). */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
