/**
 * Cursors of the consumer API: where a reader of a stream stands, signed, so that nobody makes one
 * up. The key is made once and kept with the collector's other secrets; cursors outlive restarts.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, type Json, PULL_CURSOR_CHARS_MAX } from '@vitrine/schema';
import { isStream } from '../access/may.ts';
import { ApiError } from '../api/errors.ts';
import { replaceFile } from '../files.ts';
import { filterHash, type PullFilter } from './streams.ts';

const KEY_BYTES = 32;
const MAC_BYTES = 32;
const VERSION = 1;

export class Cursors {
  readonly #key: Buffer;
  readonly #keyId: string;
  readonly #logId: string;

  /** `keys`: the directory of keys, which exists. `logId`: the 8 hex digits of LOG.md §3. */
  constructor(keys: string, logId: string) {
    const path = join(keys, 'pull.key');
    if (!existsSync(path)) replaceFile(path, randomBytes(KEY_BYTES).toString('hex'));
    this.#key = Buffer.from(readFileSync(path, 'utf8').trim(), 'hex');
    this.#keyId = createHash('sha256').update(this.#key).digest('hex').slice(0, 8);
    this.#logId = logId;
  }

  /** `next`: the leaf that is read next. */
  write(filter: PullFilter, next: number): string {
    const place = {
      v: VERSION,
      s: filter.stream,
      f: filterHash(filter),
      n: next,
      l: this.#logId,
      k: this.#keyId,
    };
    const text = Buffer.from(JSON.stringify(place));
    return Buffer.concat([this.#mac(text), text]).toString('base64url');
  }

  /** The leaf that is read next. Throws CURSOR_ALTERED, and what else may be wrong with it. */
  read(cursor: string, filter: PullFilter): number {
    const bytes = Buffer.from(cursor.slice(0, PULL_CURSOR_CHARS_MAX), 'base64url');
    const text = bytes.subarray(MAC_BYTES);
    const { s, f, n, l, k } = membersOf(text);
    // By its own word, before its signature: another log's key is not known here.
    if (typeof l === 'string' && /^[0-9a-f]{8}$/.test(l) && l !== this.#logId) {
      throw new ApiError('CURSOR_OTHER_LOG', `this cursor is of log ${l}, not of ${this.#logId}`);
    }
    const isWhole = bytes.toString('base64url') === cursor;
    const mac = bytes.subarray(0, MAC_BYTES);
    if (!isWhole || mac.length !== MAC_BYTES || !timingSafeEqual(mac, this.#mac(text))) {
      const known = k === this.#keyId ? '' : ', or the key it was signed with is gone';
      throw new ApiError('CURSOR_ALTERED', `this is no cursor that was given here${known}`);
    }
    if (!isStream(s) || s !== filter.stream) {
      throw new ApiError('CURSOR_STREAM_MISMATCH', `this is a cursor of ${s}`);
    }
    if (f !== filterHash(filter)) {
      throw new ApiError('CURSOR_FILTER_MISMATCH', 'this cursor was given for other filters');
    }
    return Number(n);
  }

  #mac(text: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }
}

function membersOf(text: Buffer): { [name: string]: Json | undefined } {
  try {
    const value: unknown = JSON.parse(text.toString('utf8'));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
