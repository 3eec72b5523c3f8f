/**
 * Reads JSON from hostile text. Refuses what LOG.md §1 does not call JSON (a duplicate key, a
 * fraction, an exponent, `-0`), and remembers the first thing that is JSON but not the canonical
 * text (RFC 8785) of a record, so that one pass answers both questions.
 */
import {
  isObject,
  JSON_DEPTH_MAX,
  JSON_MEMBERS_MAX,
  type Json,
  type JsonObject,
  RECORD_INTEGER_MAX,
} from '@vitrine/schema/record';
import { ChainError, type ChainErrorCode } from '../error.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const INTEGER = /-?(?:0|[1-9][0-9]*)(?![0-9.eE])/y;
const ASCII = /^[\x00-\x7f]*$/;
const WORDS: Record<string, string> = { t: 'true', f: 'false', n: 'null' };
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class Reader {
  readonly text: string;
  at: number;
  /** Of every error for text that is not JSON. */
  readonly code: ChainErrorCode;
  /** Items that were kept of it (bundle.ts). */
  kept = 0;
  /** The first thing that keeps this text from being a canonical record. */
  deviation: ChainError | undefined;

  constructor(text: string, code: ChainErrorCode, at = 0) {
    this.text = text;
    this.code = code;
    this.at = at;
  }

  malformed(message: string): ChainError {
    return new ChainError(this.code, `${message} at character ${this.at}`);
  }

  #deviate(code: ChainErrorCode, message: string): void {
    this.deviation ??= new ChainError(code, `${message} at character ${this.at}`);
  }

  /** Code of the next character that is no white space; NaN at the end. */
  peek(): number {
    let c = this.text.charCodeAt(this.at);
    while (c === SPACE || c === 0x0a || c === 0x0d || c === 0x09) {
      this.#deviate('RECORD_NOT_CANONICAL', 'white space');
      c = this.text.charCodeAt(++this.at);
    }
    return c;
  }

  /** Takes `character` if it is next. */
  take(character: string): boolean {
    const next = this.peek() === character.charCodeAt(0);
    if (next) this.at++;
    return next;
  }

  expect(character: string): void {
    if (!this.take(character)) throw this.malformed(`expected ${character}`);
  }

  end(): void {
    if (!Number.isNaN(this.peek())) throw this.malformed('text after the end');
  }

  string(): string {
    this.expect('"');
    const { text, at } = this;
    let end = at;
    let escaped = false;
    for (let c = text.charCodeAt(end); c !== QUOTE; c = text.charCodeAt(end)) {
      // Behind the end of the text it is NaN.
      if (!(c >= SPACE)) throw this.malformed('a string that does not end');
      if (c === BACKSLASH) escaped = true;
      end += c === BACKSLASH ? 2 : 1;
    }
    this.at = end + 1;
    return escaped ? this.#unescape(text.slice(at - 1, end + 1)) : text.slice(at, end);
  }

  #unescape(literal: string): string {
    try {
      const value = JSON.parse(literal) as string;
      // JSON.stringify escapes as RFC 8785 §3.2.2.2 does, but lone surrogates as well.
      const isRecord = this.code === 'RECORD_MALFORMED';
      if (isRecord && !(value.isWellFormed() && JSON.stringify(value) === literal)) {
        this.#deviate('RECORD_NOT_CANONICAL', 'an escape without need');
      }
      return value;
    } catch {
      throw this.malformed('an unknown escape');
    }
  }

  /** Any size; the caller decides what is too large. */
  integer(): number {
    this.peek();
    INTEGER.lastIndex = this.at;
    const [digits] = INTEGER.exec(this.text) ?? [];
    if (digits === undefined || digits === '-0') throw this.malformed('not an integer');
    this.at += digits.length;
    return Number(digits);
  }

  word(word: string): boolean {
    this.peek();
    const next = this.text.startsWith(word, this.at);
    if (next) this.at += word.length;
    return next;
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
    const names: string[] = [];
    // Names in order cannot repeat: looking them up begins with the first that is out of order.
    let seen: Set<string> | undefined;
    do {
      const name = this.string();
      if (seen === undefined && names.length > 0 && name <= names.at(-1)!) {
        this.#deviate('RECORD_NOT_CANONICAL', 'keys out of order');
        seen = new Set(names);
      }
      if (seen?.has(name)) throw this.malformed('a member that is there twice');
      if (names.length === JSON_MEMBERS_MAX) throw this.malformed('an object without end');
      seen?.add(name);
      names.push(name);
      this.expect(':');
      read(name);
    } while (this.take(','));
    this.expect('}');
  }

  /** `depth` is the depth the value has if it is an object or an array. */
  value(depth: number): Json {
    const c = String.fromCharCode(this.peek());
    if (c === '"') return this.string();
    const word = WORDS[c];
    if (word !== undefined && this.word(word)) return JSON.parse(word) as Json;
    if (c !== '{' && c !== '[') {
      const value = this.integer();
      const safe = Math.abs(value) <= RECORD_INTEGER_MAX;
      if (!safe) this.#deviate('RECORD_INVALID', 'an integer beyond 2^53 - 1');
      return value;
    }
    // The whole text may be brackets: recursion ends here, before the rest has been read.
    const deep = `nested deeper than ${JSON_DEPTH_MAX}`;
    if (depth > JSON_DEPTH_MAX) throw new ChainError('RECORD_INVALID', deep);
    const items: Json[] = [];
    const object: JsonObject = {};
    if (c === '[') this.items(() => items.push(this.value(depth + 1)));
    else {
      this.members((name) => {
        const value = this.value(depth + 1);
        if (name !== '__proto__' && ASCII.test(name)) object[name] = value;
        else this.#deviate('RECORD_INVALID', 'a key that is not allowed');
      });
    }
    return c === '[' ? items : object;
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
 * An object from its canonical text. RECORD_MALFORMED: not JSON. RECORD_NOT_CANONICAL: JSON, but
 * not its canonical text. RECORD_INVALID: a value that no record may hold, or nested too deep.
 */
export function parseCanonicalText(text: string): JsonObject {
  const reader = new Reader(text, 'RECORD_MALFORMED');
  const value = reader.value(1);
  reader.end();
  if (reader.deviation !== undefined) throw reader.deviation;
  if (!isObject(value)) throw new ChainError('RECORD_INVALID', 'not a JSON object');
  return value;
}
