/** Turns what the client and the engine throw into this package's error. */
import { ClickHouseError } from '@clickhouse/client';
import { StoreError } from '../error.ts';

/** ClickHouse error codes (src/Common/ErrorCodes.cpp). */
const TIMEOUT_CODES = new Set(['159', '160', '209']);
/** CHECKSUM_DOESNT_MATCH, CORRUPTED_DATA, CANNOT_DECOMPRESS, and what torn files give. */
const DAMAGED_CODES = new Set(['40', '246', '271', '354', '432', '722']);
const TOO_LARGE_CODES = new Set(['158', '241', '307', '396', '191']);

/** NOT_ENOUGH_SPACE, and the writes, opens and renames of a file that the system refuses. */
const DISK_CODES = new Set(['74', '75', '76', '243', '425', '481', '1001']);
const DISK_REASON = /not enough space|no space left|read-only file system|errno: (28|30|122)\b/i;
/** Of them, and of ours, those of a disk that is full; a path may have `space` in its name. */
const FULL_REASON = /not.enough.space|no space left|errno: (28|122)\b|ENOSPC|EDQUOT/i;

export type Doing = 'read' | 'insert';

/** `place`: where the engine has its tables, as a person looks for it. */
export function failureOf(error: unknown, doing: Doing, place: string): StoreError {
  if (error instanceof StoreError) return error;
  if (error instanceof ClickHouseError) return refusal(error, doing, place);
  const message = error instanceof Error ? error.message : String(error);
  if (/timeout error/i.test(message)) {
    return doing === 'read' ? readTimeout(error) : insertFailed('no answer in time', error);
  }
  if (isNetworkFailure(error, message)) return engineAway(message, error);
  if (doing === 'insert') return insertFailed(message, error);
  return readFailed(message, error);
}

/** System errors of a socket, and what Node says when one ends in mid-answer. */
function isNetworkFailure(error: unknown, message: string): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(E[A-Z]+|UND_|ERR_STREAM)/.test(code) || /socket hang up|aborted/i.test(message);
}

export function engineAway(reason: string, cause?: unknown): StoreError {
  const hint = 'an embedded engine is started again by itself; look whether a server is up';
  return new StoreError('ENGINE_AWAY', `the store's engine is away: ${reason}`, hint, { cause });
}

function refusal(error: ClickHouseError, doing: Doing, place: string): StoreError {
  const said = `${error.type ?? 'error'} ${error.code}: ${error.message}`;
  if (doing === 'insert') {
    const onDisk = DISK_CODES.has(error.code) && isDiskFailure(error.message);
    return onDisk ? unwritable(place, said, error) : insertFailed(said, error);
  }
  if (TIMEOUT_CODES.has(error.code)) return readTimeout(error);
  if (TOO_LARGE_CODES.has(error.code)) {
    const hint = 'ask for fewer rows, or a narrower filter';
    return new StoreError('READ_TOO_LARGE', `the answer is too large: ${said}`, hint, {
      cause: error,
    });
  }
  if (DAMAGED_CODES.has(error.code)) {
    const hint = 'stop, keep a copy of the data directory, and restore the store from a backup';
    const message = `the data on disk is damaged: ${said}`;
    return new StoreError('READ_FAILED', message, hint, { cause: error });
  }
  return readFailed(said, error);
}

function readFailed(reason: string, cause: unknown): StoreError {
  const hint = 'this is a defect, or the engine is not the version this program was made for';
  return new StoreError('READ_FAILED', `the store refused a query: ${reason}`, hint, { cause });
}

export function readTimeout(cause?: unknown): StoreError {
  const hint = 'narrow the question: a session, a kind, a shorter range';
  return new StoreError('READ_TIMEOUT', 'the store did not answer in time', hint, { cause });
}

/** Whether the engine says that its file system is full or read-only. */
export function isDiskFailure(reason: string): boolean {
  return DISK_REASON.test(reason);
}

export function unwritable(place: string, reason: string, cause?: unknown): StoreError {
  const remedy = FULL_REASON.test(reason) ? 'free space on' : 'check';
  const hint = `${remedy} that file system; what was acknowledged is kept until then`;
  const message = `the store cannot write to ${place}: ${reason}`;
  return new StoreError('STORE_UNWRITABLE', message, hint, { cause });
}

function insertFailed(reason: string, cause: unknown): StoreError {
  const hint = 'the batch is kept and tried again; see the disk and the memory of the store';
  return new StoreError('INSERT_FAILED', `rows could not be stored: ${reason}`, hint, { cause });
}
