/**
 * Parses OTLP/JSON from hostile bytes and reads its scalars as the OTLP JSON mapping says: 64-bit
 * integers as number or text, hex ids in any case, base64 for other bytes. Anything else in a
 * known member is `OTLP_MALFORMED`; `null` counts as absent.
 */
import { OTLP_VALUES_MAX } from '../limits.ts';
import { malformed, tooManyValues } from './wire.ts';

const UINT64_MAX = 2n ** 64n - 1n;
const INT64_END = 2 ** 63;
const ANY_VALUE: ReadonlySet<string> = new Set([
  'stringValue',
  'boolValue',
  'intValue',
  'doubleValue',
  'arrayValue',
  'kvlistValue',
  'bytesValue',
]);
/** An unquoted integer that a double may not hold: those are read from their source text. */
const LONG_INTEGER = /[:[,]\s*-?\d{16}/;

export function parseJson(body: Uint8Array): unknown {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  const json = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  try {
    return LONG_INTEGER.test(json) ? JSON.parse(json, exactInteger) : JSON.parse(json);
  } catch (cause) {
    throw malformed('the body is not JSON', cause);
  }
}

function exactInteger(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/** A number, not text: whoever writes text knows about 64 bits. */
function isBeyondInt64(value: unknown): boolean {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) !== value;
  return typeof value === 'number' && Math.abs(value) >= INT64_END && value !== -INT64_END;
}

export class JsonReader {
  #values = 0;

  countValue(): void {
    if (++this.#values > OTLP_VALUES_MAX) throw tooManyValues();
  }

  object(value: unknown, at: string): Record<string, unknown> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw malformed(`${at} is not an object`);
    }
    return value as Record<string, unknown>;
  }

  array(value: unknown, at: string): unknown[] {
    if (!Array.isArray(value)) throw malformed(`${at} is not an array`);
    return value;
  }

  /**
   * The member of an AnyValue that is set, of several the last one, as in protobuf. An integer that
   * no 64 bits hold is a double: SDKs in JavaScript write whole numbers of any size as `intValue`.
   */
  anyValue(input: unknown): { name: string; value: unknown } | undefined {
    const object = this.object(input, 'value');
    let set: { name: string; value: unknown } | undefined;
    for (const name of Object.keys(object)) {
      const value = object[name] ?? undefined;
      if (value !== undefined && ANY_VALUE.has(name)) set = { name, value };
    }
    if (set?.name !== 'intValue' || !isBeyondInt64(set.value)) return set;
    return { name: 'doubleValue', value: Number(set.value) };
  }

  /** A member that is there and not null. */
  member(object: Record<string, unknown>, name: string): unknown {
    return Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined;
  }

  text(value: unknown, at: string): string {
    if (typeof value !== 'string') throw malformed(`${at} is not text`);
    return value.isWellFormed() ? value : value.toWellFormed();
  }

  bool(value: unknown, at: string): boolean {
    if (typeof value !== 'boolean') throw malformed(`${at} is not a boolean`);
    return value;
  }

  double(value: unknown, at: string): number {
    if (typeof value === 'number') return value;
    if (typeof value === 'bigint') return Number(value);
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
    if (Number.isNaN(number) && value !== 'NaN') throw malformed(`${at} is not a number`);
    return number;
  }

  /** Enum names are not allowed in OTLP/JSON, so an enum is a number like any other. */
  int32(value: unknown, at: string): number {
    const number = Number(this.#integer(value, at));
    if (number < -(2 ** 31) || number >= 2 ** 32) throw malformed(`${at} is out of range`);
    return number;
  }

  /** A number where it is a safe integer, else a bigint. */
  int64(value: unknown, at: string): number | bigint {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value + 0;
    const integer = this.#integer(value, at);
    if (BigInt.asIntN(64, integer) !== integer) throw malformed(`${at} is out of range`);
    const number = Number(integer);
    return Number.isSafeInteger(number) ? number : integer;
  }

  uint64(value: unknown, at: string): string {
    if (typeof value === 'string' && /^(?:0|[1-9]\d{0,18})$/.test(value)) return value;
    const integer = this.#integer(value, at);
    if (integer < 0n || integer > UINT64_MAX) throw malformed(`${at} is out of range`);
    return String(integer);
  }

  /** Lower case; a value that is no hex is kept as it came, for evidence outweighs form. */
  hex(value: unknown, at: string): string {
    const text = this.text(value, at);
    return /^[0-9A-Fa-f]*$/.test(text) ? text.toLowerCase() : text;
  }

  base64(value: unknown, at: string): Buffer {
    const text = this.text(value, at);
    if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) throw malformed(`${at} is not base64`);
    return Buffer.from(text, 'base64');
  }

  /** JSON text of a value that is nested too deeply to be read. */
  raw(value: unknown): string {
    try {
      return JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? `${item}` : item));
    } catch (cause) {
      throw malformed('a value is nested too deeply', cause);
    }
  }

  #integer(value: unknown, at: string): bigint {
    if (typeof value === 'bigint') return value;
    if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
    if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
    throw malformed(`${at} is not an integer`);
  }
}
