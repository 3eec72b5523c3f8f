/**
 * JSON of hostile text (LOG.md §1 and §4). `Reader` reads it token by token and holds nothing of
 * it; the engine's parser makes the value of a record, which the reader judges only if it is odd.
 */
import {
  JSON_DEPTH_MAX,
  JSON_MEMBERS_MAX,
  type Json,
  type JsonObject,
} from '@vitrine/schema/record';
import { ChainError, type ChainErrorCode } from '../error.ts';
import { isObject } from './bytes.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const INTEGER = /-?(?:0|[1-9][0-9]*)(?![0-9.eE])/y;
const ASCII = /^[\x00-\x7f]*$/;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class Reader {
  readonly text: string;
  at: number;
  /** Of every error for text that is not JSON. */
  readonly code: ChainErrorCode;

  constructor(text: string, code: ChainErrorCode, at = 0) {
    this.text = text;
    this.code = code;
    this.at = at;
  }

  malformed(message: string): ChainError {
    return new ChainError(this.code, `${message} at character ${this.at}`);
  }

  /** Takes `token` if it is next behind white space. */
  take(token: string): boolean {
    let c = this.text.charCodeAt(this.at);
    while (c === SPACE || c === 0x0a || c === 0x0d || c === 0x09) {
      c = this.text.charCodeAt(++this.at);
    }
    const next = this.text.startsWith(token, this.at);
    if (next) this.at += token.length;
    return next;
  }

  expect(token: string): void {
    if (!this.take(token)) throw this.malformed(`expected ${token}`);
  }

  end(): void {
    this.take('');
    if (this.at < this.text.length) throw this.malformed('text after the end');
  }

  string(): string {
    this.expect('"');
    const { text, at } = this;
    let end = at;
    for (let c = text.charCodeAt(end); c !== QUOTE; c = text.charCodeAt(end)) {
      // Behind the end of the text it is NaN.
      if (!(c >= SPACE)) throw this.malformed('a string that does not end');
      end += c === BACKSLASH ? 2 : 1;
    }
    this.at = end + 1;
    try {
      return JSON.parse(text.slice(at - 1, this.at)) as string;
    } catch {
      throw this.malformed('an unknown escape');
    }
  }

  /** Any size; the caller decides what is too large. */
  integer(): number {
    this.take('');
    INTEGER.lastIndex = this.at;
    const [digits] = INTEGER.exec(this.text) ?? [];
    if (digits === undefined || digits === '-0') throw this.malformed('not an integer');
    this.at += digits.length;
    return Number(digits);
  }

  /** Calls `read` at each item of an array. */
  items(read: () => void): void {
    this.expect('[');
    if (this.take(']')) return;
    do read();
    while (this.take(','));
    this.expect(']');
  }

  /** Calls `read` at the value of each member of an object. */
  members(read: (name: string) => void): void {
    this.expect('{');
    if (this.take('}')) return;
    const names = new Set<string>();
    do {
      const name = this.string();
      if (names.has(name)) throw this.malformed('a member that is there twice');
      if (names.size === JSON_MEMBERS_MAX) throw this.malformed('an object without end');
      names.add(name);
      this.expect(':');
      read(name);
    } while (this.take(','));
    this.expect('}');
  }

  /** Any value; `depth` is the depth it has if it is an object or an array. */
  skip(depth: number): void {
    if (['true', 'false', 'null'].some((word) => this.take(word))) return;
    const c = this.text.charAt(this.at);
    // The whole text may be brackets: recursion ends here, before the rest has been read.
    const isDeep = (c === '{' || c === '[') && depth > JSON_DEPTH_MAX;
    if (isDeep) throw new ChainError('RECORD_INVALID', `nested deeper than ${JSON_DEPTH_MAX}`);
    if (c === '{') this.members(() => this.skip(depth + 1));
    else if (c === '[') this.items(() => this.skip(depth + 1));
    else if (c === '"') this.string();
    else this.integer();
  }
}

export function decodeUtf8(bytes: Uint8Array, code: ChainErrorCode): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new ChainError(code, 'not UTF-8', '', { cause });
  }
}

/**
 * An object from its canonical text. RECORD_MALFORMED: not JSON. RECORD_INVALID: a value that no
 * record may hold, or nested too deep. RECORD_NOT_CANONICAL: not the canonical text of its value.
 */
export function parseCanonicalText(text: string): JsonObject {
  const known = canonicalAtOnce(text);
  if (known !== undefined) return known;
  const reader = new Reader(text, 'RECORD_MALFORMED');
  reader.skip(1);
  reader.end();
  const value = JSON.parse(text) as Json;
  if (!isObject(value)) throw new ChainError('RECORD_INVALID', 'not a JSON object');
  const found = 'a key that is not allowed, or an integer beyond 2^53 - 1';
  if (!isPlain(value, false)) throw new ChainError('RECORD_INVALID', found);
  if (written(value) === text) return value;
  throw new ChainError(
    'RECORD_NOT_CANONICAL',
    'white space, keys out of order, or an escape without need',
  );
}

/** Almost every record: the engine writes the same text again, and its keys are in order. */
export function canonicalAtOnce(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json;
    const same = isObject(value) && isPlain(value, true) && JSON.stringify(value) === text;
    return same ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What a record may hold, nested no deeper than allowed; perhaps with the keys in order. */
function isPlain(value: Json, sorted: boolean, depth = 1): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (depth > JSON_DEPTH_MAX) return false;
  if (Array.isArray(value)) return value.every((item) => isPlain(item, sorted, depth + 1));
  let before = '';
  for (const key in value) {
    const fits = (!sorted || key > before) && key !== '__proto__' && ASCII.test(key);
    if (!fits || !isPlain(value[key]!, sorted, depth + 1)) return false;
    before = key;
  }
  return true;
}

/** The engine puts keys that are integers before all others: it does not keep the order of text. */
function written(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(written).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${written(value[key]!)}`).join()}}`;
}
