/**
 * Reads the canonical bytes of a record (LOG.md §1): says whether a text is JSON, and then whether
 * it is the one canonical text of its value. Hostile input ends in a ChainError.
 */
import {
  JSON_DEPTH_MAX,
  type Json,
  type JsonObject,
  RECORD_BYTES_MAX,
  RECORD_INTEGER_MAX,
} from '@vitrine/schema/record';
import { ChainError } from '../error.ts';
import { JsonCursor } from '../json/cursor.ts';
import { isAllowedKey } from './canonical.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * RECORD_MALFORMED: not JSON (a duplicate key, a fraction, an exponent or `-0` is none).
 * RECORD_NOT_CANONICAL: JSON, but not its canonical text. RECORD_INVALID: a value that no record
 * may hold, or a text longer than a record.
 */
export function parseCanonical(bytes: Uint8Array): JsonObject {
  if (bytes.length > RECORD_BYTES_MAX) throw tooLong();
  return parseCanonicalText(decodeUtf8(bytes, 'RECORD_MALFORMED'));
}

export function decodeUtf8(
  bytes: Uint8Array,
  code: 'RECORD_MALFORMED' | 'BUNDLE_MALFORMED',
): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new ChainError(code, 'not UTF-8', '', { cause });
  }
}

/** As `parseCanonical`, for text without lone surrogates and of at most RECORD_BYTES_MAX bytes. */
export function parseCanonicalText(text: string): JsonObject {
  const cursor = new JsonCursor(text, 'RECORD_MALFORMED');
  const value = readValue(cursor, 1);
  cursor.end();
  if (cursor.deviation !== undefined) {
    throw new ChainError(cursor.deviation.code, cursor.deviation.message);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new ChainError('RECORD_INVALID', 'not a JSON object');
}

export function tooLong(): ChainError {
  const message = `longer than the ${RECORD_BYTES_MAX} bytes of a record`;
  return new ChainError('RECORD_INVALID', message, 'move content into parts');
}

/** `depth` is the depth the value has if it is an object or an array. */
function readValue(cursor: JsonCursor, depth: number): Json {
  switch (cursor.peek()) {
    case 0x7b:
      return readObject(cursor, depth);
    case 0x5b:
      return readArray(cursor, depth);
    case 0x22:
      return cursor.string();
    case 0x74:
      cursor.word('true');
      return true;
    case 0x66:
      cursor.word('false');
      return false;
    case 0x6e:
      cursor.word('null');
      return null;
    default:
      return readInteger(cursor);
  }
}

function readInteger(cursor: JsonCursor): number {
  const value = cursor.integer();
  if (Math.abs(value) > RECORD_INTEGER_MAX) {
    cursor.deviate('RECORD_INVALID', 'an integer beyond 2^53 - 1');
  }
  return value;
}

function readArray(cursor: JsonCursor, depth: number): Json[] {
  refuseDeeper(depth);
  cursor.expect('[');
  const items: Json[] = [];
  if (cursor.take(']')) return items;
  do items.push(readValue(cursor, depth + 1));
  while (cursor.take(','));
  cursor.expect(']');
  return items;
}

function readObject(cursor: JsonCursor, depth: number): JsonObject {
  refuseDeeper(depth);
  cursor.expect('{');
  const value: JsonObject = {};
  if (cursor.take('}')) return value;
  let greatest: string | undefined;
  do {
    const key = cursor.string();
    if (greatest === undefined || key > greatest) {
      greatest = key;
    } else {
      if (Object.hasOwn(value, key)) throw cursor.malformed('a key that is there twice');
      cursor.deviate('RECORD_NOT_CANONICAL', 'keys out of order');
    }
    if (!isAllowedKey(key)) cursor.deviate('RECORD_INVALID', 'a key that is not allowed');
    cursor.expect(':');
    setMember(value, key, readValue(cursor, depth + 1));
  } while (cursor.take(','));
  cursor.expect('}');
  return value;
}

/** A plain assignment to `__proto__` would set the prototype instead of a member. */
function setMember(value: JsonObject, key: string, member: Json): void {
  if (key !== '__proto__') {
    value[key] = member;
  } else {
    const own = { value: member, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(value, key, own);
  }
}

/** The whole text may be brackets: recursion ends here, before the rest has been read. */
function refuseDeeper(depth: number): void {
  if (depth <= JSON_DEPTH_MAX) return;
  throw new ChainError('RECORD_INVALID', `nested deeper than ${JSON_DEPTH_MAX}`);
}
