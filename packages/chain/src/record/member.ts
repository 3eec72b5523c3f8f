/**
 * Reads single members out of the canonical bytes of a record (LOG.md §1), without making the rest
 * of it. Relies on the bytes being canonical: no blank stands between tokens, and no name twice.
 */
import { exactJson, type Json } from '@vitrine/schema/record';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const BRACKET_OPEN = 0x5b;
const BACKSLASH = 0x5c;
const BRACKET_CLOSE = 0x5d;
const LOWER_F = 0x66;
const LOWER_T = 0x74;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const ASCII_MAX = 0x7f;
const COLON_BYTES = 1;
const PLACE_NUMBERS = 3;
const MEMBERS_USUAL = 32;

/** Keys of a path as they stand in canonical bytes, without their quotes. */
export type MemberPath = readonly string[];

export function memberPath(steps: readonly string[]): MemberPath {
  return steps.map((step) => JSON.stringify(step).slice(1, -1));
}

/**
 * Members of one record at a time: its own members are looked up once, those inside another one
 * each time. Keeps a view of the bytes until the next `begin`.
 */
export class MemberReader {
  #bytes: Buffer = Buffer.alloc(0);
  #end = 0;
  #count = 0;
  /** Of each member, where its key begins and ends, and where its value begins. */
  #places = new Uint32Array(PLACE_NUMBERS * MEMBERS_USUAL);

  /** `bytes[start, end)` is a record. What is no canonical object has no member to be relied on. */
  begin(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes;
    this.#end = end;
    this.#count = 0;
    if (bytes[start] !== BRACE_OPEN) return;
    let at = start + 1;
    while (at < end && bytes[at] === QUOTE) {
      const close = stringEnd(bytes, at, end) - 1;
      this.#add(at + 1, close, close + 1 + COLON_BYTES);
      at = valueEnd(bytes, close + 1 + COLON_BYTES, end) + 1;
    }
  }

  /** The value at a path, as `parseCanonical` would make it; `undefined` where there is none. */
  read(path: MemberPath): Json | undefined {
    const bytes = this.#bytes;
    let at = this.#find(path[0]!);
    for (let i = 1; i < path.length && at >= 0; i++) {
      at = bytes[at] === BRACE_OPEN ? findMember(bytes, at + 1, this.#end, path[i]!) : -1;
    }
    return at < 0 || at >= this.#end ? undefined : valueAt(bytes, at, this.#end);
  }

  #find(key: string): number {
    const places = this.#places;
    const end = this.#count * PLACE_NUMBERS;
    for (let i = 0; i < end; i += PLACE_NUMBERS) {
      if (isKey(this.#bytes, places[i]!, places[i + 1]!, key)) return places[i + 2]!;
    }
    return -1;
  }

  #add(keyStart: number, keyEnd: number, value: number): void {
    const at = this.#count * PLACE_NUMBERS;
    if (at >= this.#places.length) {
      const larger = new Uint32Array(2 * this.#places.length);
      larger.set(this.#places);
      this.#places = larger;
    }
    this.#places[at] = keyStart;
    this.#places[at + 1] = keyEnd;
    this.#places[at + 2] = value;
    this.#count++;
  }
}

/** Where the value stands behind `key`, in an object whose members begin at `from`; -1 for none. */
function findMember(bytes: Buffer, from: number, end: number, key: string): number {
  let at = from;
  while (at < end && bytes[at] === QUOTE) {
    const close = stringEnd(bytes, at, end) - 1;
    if (isKey(bytes, at + 1, close, key)) return close + 1 + COLON_BYTES;
    at = valueEnd(bytes, close + 1 + COLON_BYTES, end);
    // At the end of the object nothing more may be taken for a member of it.
    if (bytes[at] !== COMMA) return -1;
    at++;
  }
  return -1;
}

function isKey(bytes: Buffer, from: number, close: number, key: string): boolean {
  if (close - from !== key.length) return false;
  for (let i = 0; i < key.length; i++) if (bytes[from + i] !== key.charCodeAt(i)) return false;
  return true;
}

/** Behind the closing quote of the text that begins at `start`. */
function stringEnd(bytes: Buffer, start: number, end: number): number {
  let at = start + 1;
  while (at < end) {
    const byte = bytes[at++]!;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
  }
  return end;
}

function valueEnd(bytes: Buffer, start: number, end: number): number {
  const first = bytes[start];
  if (first === QUOTE) return stringEnd(bytes, start, end);
  let at = start;
  if (first !== BRACE_OPEN && first !== BRACKET_OPEN) {
    while (at < end && !endsScalar(bytes[at]!)) at++;
    return at;
  }
  let depth = 0;
  while (at < end) {
    const byte = bytes[at++]!;
    if (byte === QUOTE) {
      while (at < end) {
        const inside = bytes[at++]!;
        if (inside === QUOTE) break;
        if (inside === BACKSLASH) at++;
      }
    } else if (byte === BRACE_OPEN || byte === BRACKET_OPEN) depth++;
    else if ((byte === BRACE_CLOSE || byte === BRACKET_CLOSE) && --depth === 0) return at;
  }
  return end;
}

function endsScalar(byte: number): boolean {
  return byte === COMMA || byte === BRACE_CLOSE || byte === BRACKET_CLOSE;
}

function valueAt(bytes: Buffer, start: number, end: number): Json {
  const first = bytes[start]!;
  if (first === QUOTE) return textAt(bytes, start, end);
  if (first === LOWER_T) return true;
  if (first === LOWER_F) return false;
  if (first === MINUS || (first >= ZERO && first <= NINE)) return integerAt(bytes, start, end);
  return exactJson(bytes.toString('utf8', start, valueEnd(bytes, start, end)));
}

function textAt(bytes: Buffer, start: number, end: number): string {
  let seen = 0;
  let at = start + 1;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) break;
    if (byte === BACKSLASH) {
      return JSON.parse(bytes.toString('utf8', start, stringEnd(bytes, start, end))) as string;
    }
    seen |= byte;
  }
  return bytes.toString(seen > ASCII_MAX ? 'utf8' : 'latin1', start + 1, at);
}

/** A safe integer (LOG.md §1): no step on the way to it leaves 2^53. */
function integerAt(bytes: Buffer, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  let value = 0;
  for (let at = negative ? start + 1 : start; at < end && !endsScalar(bytes[at]!); at++) {
    value = value * 10 + (bytes[at]! - ZERO);
  }
  return negative ? -value : value;
}
