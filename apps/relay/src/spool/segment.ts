/**
 * The files of a spool: `<number>.seg`, each a state frame and what followed it. Numbers only grow.
 */
import {
  closeSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  writevSync,
} from 'node:fs';
import { join } from 'node:path';
import { RelayError, systemCode } from '../error.ts';

const NUMBER_DIGITS = 16;
const SUFFIX = '.seg';
const NAME = /^[0-9]{16}\.seg$/;

export interface Segment {
  path: string;
  number: number;
  /** Durable bytes. */
  bytes: number;
  /** By slot: the last seq of each chain that has records here. */
  lasts: Map<number, number>;
}

export function newSegment(dir: string, number: number): Segment {
  const path = join(dir, `${String(number).padStart(NUMBER_DIGITS, '0')}${SUFFIX}`);
  return { path, number, bytes: 0, lasts: new Map() };
}

/** The segments of a spool in order. */
export function listSegments(dir: string): Segment[] {
  return readdirSync(dir)
    .filter((name) => NAME.test(name))
    .sort()
    .map((name) => newSegment(dir, Number(name.slice(0, -SUFFIX.length))));
}

/**
 * A segment that is written to. A write goes to the kernel's memory, which takes less than handing
 * it to another thread; only the sync, which waits for the disk, has one.
 */
export class SegmentFile {
  readonly #fd: number;

  /** Throws what the system says, also where the file is there already. */
  constructor(path: string) {
    this.#fd = openSync(path, 'wx', 0o600);
  }

  /** Returns the bytes that were written: less than all on a disk that is full. */
  write(pieces: Buffer[], at: number): number {
    return writevSync(this.#fd, pieces, at);
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.#fd, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  truncate(bytes: number): void {
    ftruncateSync(this.#fd, bytes);
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Closes it with that many bytes, if it can be cut. */
  abandon(bytes: number): void {
    try {
      this.truncate(bytes);
    } finally {
      this.close();
    }
  }
}

/** What stands in a file is on disk, or in a directory: a new file has its name for good. */
export function syncPath(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** `end − start` bytes of a segment. Synchronous: what it reads cannot be deleted meanwhile. */
export function readBytes(segment: Segment, start: number, end: number): Buffer {
  const bytes = Buffer.allocUnsafe(end - start);
  try {
    const fd = openSync(segment.path, 'r');
    try {
      let at = 0;
      while (at < bytes.length) {
        const count = readSync(fd, bytes, at, bytes.length - at, start + at);
        if (count === 0) break;
        at += count;
      }
      return bytes.subarray(0, at);
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    const message = `cannot read ${segment.path} (${systemCode(cause) ?? 'unknown'})`;
    const hint = 'check the file system of the spool';
    throw new RelayError('SPOOL_UNREADABLE', message, hint, { cause });
  }
}
