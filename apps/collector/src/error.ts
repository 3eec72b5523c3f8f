/** The collector's errors, and how it reads those of the system. */
import { CodedError } from '@vitrine/schema';

/** What the collector refuses or fails at; the API's answers are in `api/errors.ts`. */
export class CollectorError extends CodedError<
  | 'CONFIG_INVALID'
  | 'PORT_IN_USE'
  | 'DATA_LOCKED'
  | 'JOURNAL_CORRUPT'
  | 'JOURNAL_UNWRITABLE'
  | 'LOG_UNWRITABLE'
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
  | 'RULES_REFUSED'
  | 'RULE_UNREADABLE'
  | 'DETECTION_STALLED'
  | 'CONSUMERS_UNREADABLE'
> {}

/**
 * What is said when a directory takes nothing: which one, why, what becomes of what was under way,
 * and what to do. `outcome` and `meanwhile` are half sentences.
 */
export function unwritable(
  code: 'JOURNAL_UNWRITABLE' | 'LOG_UNWRITABLE' | 'DATA_UNWRITABLE',
  dir: string,
  cause: unknown,
  { outcome, meanwhile }: { outcome: string; meanwhile: string },
): CollectorError {
  const reason = systemCode(cause) ?? 'unknown';
  const full = reason === 'ENOSPC' || reason === 'EDQUOT';
  const remedy = full ? 'free space on that file system' : 'check the file system';
  const message = `cannot write to ${dir} (${reason}); ${outcome}`;
  return new CollectorError(code, message, `${remedy}; ${meanwhile}`, { cause });
}

/** The code of a failed system call, if `error` carries one (`ENOSPC`, `EEXIST` …). */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
