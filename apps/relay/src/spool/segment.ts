/**
 * The files of a spool: `<number>.seg`, each a state frame and what followed it. Numbers only grow.
 */
import { closeSync, fsyncSync, openSync, readdirSync, readSync } from 'node:fs';
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

/** A new file has its name for good. */
export function syncDirectory(dir: string): void {
  const fd = openSync(dir, 'r');
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
