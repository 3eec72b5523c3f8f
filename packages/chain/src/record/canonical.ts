/**
 * Writes the canonical bytes of a record: JCS (RFC 8785) restricted to what means the same in every
 * language (LOG.md §1). Writes bytes rather than strings, in one pass, for it is on the path of
 * every event. Needs nothing of Node.
 */
import { JSON_DEPTH_MAX, type Json, type JsonObject } from '@vitrine/schema/record';
import { ChainError } from '../error.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const SPACE = 0x20;
const ASCII_MAX = 0x7f;
const HEX = '0123456789abcdef';
/** RFC 8785 §3.2.2.2; every other control character is written as `\u00xx`. */
const SHORT_ESCAPES: Record<number, string> = {
  8: '\\b',
  9: '\\t',
  10: '\\n',
  12: '\\f',
  13: '\\r',
  [QUOTE]: '\\"',
  [BACKSLASH]: '\\\\',
};
/** No code unit becomes longer than `\u00xx`. */
const BYTES_PER_UNIT_MAX = 6;
const LOOP_BYTES_MAX = 96;
const INSERTED_MAX = 24;

/** Keys in the order of their UTF-16 code units (RFC 8785 §3.2.3), which is that of their bytes. */
export function sortedKeys(value: object): string[] {
  const keys = Object.keys(value);
  if (keys.length > INSERTED_MAX) return keys.sort();
  // A call into the engine costs more than putting so few in their places.
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i]!;
    let at = i;
    for (; at > 0 && keys[at - 1]! > key; at--) keys[at] = keys[at - 1]!;
    keys[at] = key;
  }
  return keys;
}

export function isAllowedKey(key: string): boolean {
  for (let i = 0; i < key.length; i++) if (key.charCodeAt(i) > ASCII_MAX) return false;
  return key !== '__proto__';
}

/** Appends canonical JSON to bytes that grow as needed. Owned and emptied by whoever made it. */
export class CanonicalWriter {
  #bytes: Uint8Array;
  /** Before it stands what `keep` has kept. */
  #from = 0;
  #at = 0;
  readonly #capacity: number;
  readonly #bytesMax: number;
  readonly #overflow: () => ChainError;

  /** Throws `overflow()` soon after `bytesMax`; the exact check is the caller's. */
  constructor(capacity: number, bytesMax: number, overflow: () => ChainError) {
    this.#bytes = new Uint8Array(capacity);
    this.#capacity = capacity;
    this.#bytesMax = bytesMax;
    this.#overflow = overflow;
  }

  /** A view of what was written, good until the next write. */
  written(): Uint8Array {
    return this.#bytes.subarray(this.#from, this.#at);
  }

  clear(): void {
    this.#at = this.#from;
  }

  /** Empties it and leaves what was written where it stands: its view is good for ever. */
  keep(): void {
    this.#from = this.#at;
  }

  get length(): number {
    return this.#at - this.#from;
  }

  /**
   * `depth` is the depth `value` has if it is an object or an array: a record stands at 1. Throws
   * RECORD_INVALID for anything LOG.md §1 does not allow in a record.
   */
  value(value: Json, depth: number): void {
    if (typeof value === 'string') this.string(value);
    else if (typeof value === 'number') this.#integer(value);
    else if (typeof value === 'boolean') this.ascii(value ? 'true' : 'false');
    else if (value === null) this.ascii('null');
    else if (typeof value !== 'object') throw invalid(`a ${typeof value}, which is no JSON value`);
    else if (depth > JSON_DEPTH_MAX) throw invalid(`values deeper than ${JSON_DEPTH_MAX}`);
    else if (Array.isArray(value)) this.#array(value, depth);
    else this.#object(value, depth);
  }

  /** One member of an object at `depth`, after a comma unless it is the first. */
  member(key: string, value: Json, depth: number, first: boolean): void {
    if (!isAllowedKey(key)) throw invalid('a key that is not ASCII, or __proto__');
    if (!first) this.#byte(COMMA);
    this.string(key);
    this.#byte(COLON);
    this.value(value, depth + 1);
  }

  string(text: string): void {
    if (this.length + text.length > this.#bytesMax) throw this.#overflow();
    this.#reserve(2 + BYTES_PER_UNIT_MAX * text.length);
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c >= SPACE && c <= ASCII_MAX && c !== QUOTE && c !== BACKSLASH) {
        bytes[at++] = c;
      } else if (c <= ASCII_MAX) {
        for (const e of escapeOf(c)) bytes[at++] = e.charCodeAt(0);
      } else {
        const point = text.codePointAt(i)!;
        if (point > 0xffff) i++;
        at = writeUtf8(bytes, at, point);
      }
    }
    bytes[at++] = QUOTE;
    this.#at = at;
  }

  /** Text that is ASCII and needs no escape where it stands. */
  ascii(text: string): void {
    this.#reserve(text.length);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.#at = at;
  }

  /** Canonical bytes that were written elsewhere. */
  bytes(from: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    const bytes = this.#bytes;
    const offset = this.#at - start;
    // A call into the engine costs more than a short loop.
    if (end - start > LOOP_BYTES_MAX) bytes.set(from.subarray(start, end), this.#at);
    else for (let i = start; i < end; i++) bytes[offset + i] = from[i]!;
    this.#at += end - start;
  }

  #integer(value: number): void {
    if (!Number.isSafeInteger(value)) {
      throw invalid(`the number ${value}; records hold safe integers`);
    }
    this.ascii(`${value}`);
  }

  #array(items: Json[], depth: number): void {
    this.ascii('[');
    for (let i = 0; i < items.length; i++) {
      if (i > 0) this.#byte(COMMA);
      this.value(items[i]!, depth + 1);
    }
    this.ascii(']');
  }

  #object(value: JsonObject, depth: number): void {
    this.ascii('{');
    const keys = sortedKeys(value);
    for (let i = 0; i < keys.length; i++) this.member(keys[i]!, value[keys[i]!]!, depth, i === 0);
    this.ascii('}');
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = byte;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const { length } = this;
    if (length > this.#bytesMax) throw this.#overflow();
    // Where there is something kept, a room like the last one is enough.
    const usual = this.#from > 0 ? this.#capacity : 2 * this.#bytes.length;
    const grown = new Uint8Array(Math.max(usual, 2 * length, length + bytes));
    grown.set(this.written());
    this.#bytes = grown;
    this.#from = 0;
    this.#at = length;
  }
}

function escapeOf(c: number): string {
  return SHORT_ESCAPES[c] ?? `\\u00${HEX[c >> 4]}${HEX[c & 15]}`;
}

/** Code points beyond ASCII. A surrogate that stands alone is not one. */
function writeUtf8(bytes: Uint8Array, start: number, point: number): number {
  let at = start;
  if (point >= 0xd800 && point <= 0xdfff) throw invalid('a lone surrogate');
  if (point > 0xffff) {
    bytes[at++] = 0xf0 | (point >> 18);
    bytes[at++] = 0x80 | ((point >> 12) & 63);
  } else if (point > 0x7ff) {
    bytes[at++] = 0xe0 | (point >> 12);
  } else {
    bytes[at++] = 0xc0 | (point >> 6);
    bytes[at++] = 0x80 | (point & 63);
    return at;
  }
  bytes[at++] = 0x80 | ((point >> 6) & 63);
  bytes[at++] = 0x80 | (point & 63);
  return at;
}

const SMALL_BYTES = 1_024;

/** Canonical bytes of an object, to which no length is set. Throws RECORD_INVALID. */
export function writeCanonical(value: JsonObject): Uint8Array {
  const writer = new CanonicalWriter(SMALL_BYTES, Number.POSITIVE_INFINITY, () => invalid('it'));
  writer.value(value, 1);
  return writer.written();
}

function invalid(found: string): ChainError {
  const hint = 'put large numbers and fractions into decimal text, and content into parts';
  return new ChainError('RECORD_INVALID', `a record cannot hold ${found}`, hint);
}
