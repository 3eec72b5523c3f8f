/**
 * One file of the journal: frames `u32 length | u32 crc32 | payload`, little-endian, named by the
 * position of its first entry. Relies on nothing but the file system.
 */
import {
  closeSync,
  copyFileSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { JOURNAL_ENTRY_BYTES_MAX } from '@vitrine/schema';
import { CollectorError, systemCode } from '../error.ts';

const FRAME_HEADER_BYTES = 8;
const POSITION_DIGITS = 16;
const SUFFIX = '.seg';
const TORN_SUFFIX = '.seg.torn';

export interface SegmentFile {
  path: string;
  first: number;
}

export function segmentPath(dir: string, first: number): string {
  return join(dir, `${String(first).padStart(POSITION_DIGITS, '0')}${SUFFIX}`);
}

/** Where the copy of a segment stands that was found with a torn tail. */
function tornPath(path: string): string {
  return path.slice(0, -SUFFIX.length) + TORN_SUFFIX;
}

/** Copies of torn segments. */
export function listTorn(dir: string): string[] {
  const names = readdirSync(dir).filter((name) => name.endsWith(TORN_SUFFIX));
  return names.map((name) => join(dir, name));
}

/** The segments of a journal in order of position. */
export function listSegments(dir: string): SegmentFile[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith(SUFFIX))
    .sort()
    .map((name) => ({ path: join(dir, name), first: Number(name.slice(0, -SUFFIX.length)) }));
}

/** The pieces of a payload with their header before them. */
export function frameOf(payload: Buffer[]): Buffer[] {
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  header.writeUInt32LE(bytesIn(payload), 0);
  header.writeUInt32LE(
    payload.reduce((crc, piece) => crc32(piece, crc), 0),
    4,
  );
  return [header, ...payload];
}

export function bytesIn(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

export interface SegmentScan {
  payloads: Buffer[];
  /** Bytes up to which every frame is whole. */
  wholeBytes: number;
  /** Bytes behind it: a torn tail, or damage. */
  restBytes: number;
}

/** Reads every whole frame from the start; stops at the first that is not. */
export function scanSegment(path: string): SegmentScan {
  const bytes = readFileSync(path);
  const payloads: Buffer[] = [];
  let at = 0;
  while (at + FRAME_HEADER_BYTES <= bytes.length) {
    const length = bytes.readUInt32LE(at);
    const end = at + FRAME_HEADER_BYTES + length;
    if (length === 0 || length > JOURNAL_ENTRY_BYTES_MAX || end > bytes.length) break;
    const payload = bytes.subarray(at + FRAME_HEADER_BYTES, end);
    if (crc32(payload) !== bytes.readUInt32LE(at + 4)) break;
    payloads.push(payload);
    at = end;
  }
  return { payloads, wholeBytes: at, restBytes: bytes.length - at };
}

/**
 * What stands behind the last whole frame was never acknowledged, or is damaged: it is cut off, and
 * a copy stays. Throws JOURNAL_UNWRITABLE.
 */
export function mendTail(path: string, scan: SegmentScan, log: (line: string) => void): void {
  if (scan.restBytes === 0) return;
  try {
    copyFileSync(path, tornPath(path));
    truncateFile(path, scan.wholeBytes);
  } catch (cause) {
    const code = systemCode(cause) ?? 'unknown';
    const message = `${path} has a torn tail, and there is no room for a copy of it (${code})`;
    const hint = 'free space on that file system and start again';
    throw new CollectorError('JOURNAL_UNWRITABLE', message, hint, { cause });
  }
  log(`journal: cut ${scan.restBytes} torn bytes off ${path}; a copy is beside it`);
}

function truncateFile(path: string, bytes: number): void {
  const fd = openSync(path, 'r+');
  try {
    ftruncateSync(fd, bytes);
  } finally {
    closeSync(fd);
  }
}

/**
 * Entries that are missing between the `end` of a segment and the next one, which begins at
 * `after`, are a loss, unless the log has consumed them: it stands at `from`. Throws
 * JOURNAL_CORRUPT.
 */
export function refuseHole(segment: SegmentFile, end: number, after: number, from: number): void {
  if (after <= end || after <= from) return;
  const message = `${segment.path}: entries ${Math.max(end, from)} to ${after - 1} are missing`;
  throw new CollectorError('JOURNAL_CORRUPT', message, 'restore the file, or move it away');
}
