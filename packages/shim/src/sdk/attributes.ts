/**
 * Attributes as the OpenTelemetry SDK takes them. It leaves out what it does not know, with a
 * warning nobody sees; here that is refused by name.
 */
import type { AnyValue, HrTime } from '@opentelemetry/api';
import { type AttributeValue, OTLP_VALUE_DEPTH_MAX } from '@vitrine/schema';
import { ShimError } from '../error.ts';
import { partAttribute } from '../send/event.ts';

export type SpanAttributes = Record<string, AnyValue>;
export type Parts = Record<string, string | Uint8Array>;

const NANOS_PER_SECOND = 1_000_000_000n;
const UINT64_MAX = 2n ** 64n - 1n;

/** Throws SEND_REFUSED for a value that OTLP has not, and for an attribute without a name. */
export function spanAttributes(
  attributes: Record<string, AttributeValue>,
  parts: Parts = {},
): SpanAttributes {
  const made: SpanAttributes = {};
  const all = Object.entries(attributes);
  for (const [name, data] of Object.entries(parts)) all.push([partAttribute(name), data]);
  for (const [key, value] of all) {
    if (value === undefined) continue;
    if (key === '') throw refused('an attribute has no name');
    made[key] = anyValue(key, value, 1);
  }
  return made;
}

function anyValue(key: string, value: AttributeValue, depth: number): AnyValue {
  if (depth > OTLP_VALUE_DEPTH_MAX) throw refused(`attribute ${key} is nested too deep`);
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'number':
      return value;
    case 'bigint': {
      // The SDK has no integers beyond doubles; a record has them as decimal text in any case.
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : String(value);
    }
  }
  if (value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((item) => anyValue(key, item, depth + 1));
  const form = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (form !== Object.prototype && form !== null) {
    throw refused(`attribute ${key} has a value that OTLP cannot carry`);
  }
  const map: Record<string, AnyValue> = {};
  for (const [name, inner] of Object.entries(value)) {
    if (inner !== undefined) map[name] = anyValue(key, inner, depth + 1);
  }
  return map;
}

/** Unix nanoseconds in decimal text; throws SEND_REFUSED. */
export function hrTime(t: string): HrTime {
  const nanos = /^\d{1,20}$/.test(t) ? BigInt(t) : UINT64_MAX + 1n;
  if (nanos > UINT64_MAX) throw refused('the time is not unix nanoseconds in decimal text');
  return [Number(nanos / NANOS_PER_SECOND), Number(nanos % NANOS_PER_SECOND)];
}

/** About the bytes of it all; a character counts one. */
export function attributeBytes(value: unknown): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let bytes = 0;
  for (const [key, inner] of Object.entries(value)) bytes += key.length + attributeBytes(inner);
  return bytes;
}

function refused(message: string): ShimError {
  return new ShimError('SEND_REFUSED', message, 'the event was not sent');
}
