/**
 * Attributes as a program gives them to an OpenTelemetry SDK, at random, and how OTLP/JSON says
 * each (opentelemetry-proto 1.11, `common/v1`). Written from the specification, without a line of
 * the decoder that it judges.
 */

import type { OtlpJson, OtlpMessage } from '@vitrine/schema';
import fc from 'fast-check';

export type Given =
  | undefined
  | null
  | string
  | boolean
  | number
  | Uint8Array
  | Given[]
  | { [key: string]: Given };
export type GivenAttributes = Record<string, Given>;

/** SDKs have numbers only: one that is whole and fits 64 bits is an integer. */
const INT64_MIN = -(2 ** 63);
const INT64_END = 2 ** 63;
const NS_PER_S = 1_000_000_000n;
const SECONDS_MAX = 4_294_967_295;
const UINT32_MAX = 4_294_967_295;

const anyUnits = fc
  .array(fc.nat(0xffff), { maxLength: 12 })
  .map((units) => String.fromCharCode(...units));
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  anyUnits,
  fc.constantFrom('', '0', 'x'.repeat(127), 'x'.repeat(128), 'é'.repeat(100), 'y'.repeat(5_000)),
);
/** The JSON serialiser writes others with fewer digits than they have. */
const isExactInJson = (number: number): boolean =>
  !Number.isInteger(number) || Number.isSafeInteger(number) || String(number).includes('e');
const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, -1, 127, 128, 2 ** 31, -(2 ** 31), 2 ** 32, 1e22, -1e300, 5e-324, 0.1),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, Number.MAX_VALUE),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter(isExactInJson),
);
export const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((one) => one + 0);
const { value } = fc.letrec<{ value: Given }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    text,
    fc.boolean(),
    number,
    fc.uint8Array({ maxLength: 20 }),
    fc.constantFrom(null, undefined),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { noNullPrototype: true, maxKeys: 4 }),
  ),
}));
const key = fc.oneof(
  text,
  fc.constantFrom('tool.name', 'tool', 'file.path', 'source', 'a.b.c', 'a.b', '__proto__'),
  fc.constantFrom('constructor', 'event.name', 'event.sequence', 'vitrine.part.input', 'otlp'),
);
const session = fc.record({ 'session.id': fc.string({ minLength: 1, maxLength: 20 }) });
export const attributes: fc.Arbitrary<GivenAttributes> = fc.oneof(
  fc.dictionary(key, value, { noNullPrototype: true, maxKeys: 6 }),
  fc
    .tuple(session, fc.dictionary(key, value, { noNullPrototype: true, maxKeys: 6 }))
    .map(([named, others]) => ({ ...named, ...others })),
);
export const body = value;
export const uint32 = fc.oneof(fc.nat(3), fc.constant(0), fc.integer({ min: 0, max: UINT32_MAX }));
export const byte = fc.nat(255);
/** Seconds and nanoseconds, as the SDK holds them. */
export const time: fc.Arbitrary<[number, number]> = fc.oneof(
  fc.constant([0, 0] as [number, number]),
  fc.tuple(fc.integer({ min: 0, max: SECONDS_MAX }), fc.nat(999_999_999)),
);
function hex(bytes: number): fc.Arbitrary<string> {
  return fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((id) => Buffer.from(id).toString('hex'));
}
export const traceId = hex(16);
export const spanId = hex(8);

/** `undefined` where it is its type's default, which is not written. */
export function nanosOf([seconds, nanos]: [number, number]): string | undefined {
  const total = BigInt(seconds) * NS_PER_S + BigInt(nanos);
  return total === 0n ? undefined : String(total);
}

export function textOf(given: string | undefined): string | undefined {
  return given === undefined || given === '' ? undefined : given.toWellFormed();
}

export function countOf(given: number): number | undefined {
  return given === 0 ? undefined : given;
}

/** `undefined` for an empty list, which is not written. */
export function listOf(items: OtlpJson[]): OtlpJson[] | undefined {
  return items.length === 0 ? undefined : items;
}

/** Without the members that are not written. */
export function written(members: Record<string, OtlpJson | undefined>): OtlpMessage {
  const known = Object.entries(members).filter(([, member]) => member !== undefined);
  return Object.fromEntries(known) as OtlpMessage;
}

export function attributesOf(given: GivenAttributes): OtlpJson[] | undefined {
  return listOf(
    Object.entries(given).map(([name, one]) => ({
      key: name.toWellFormed(),
      value: anyValueOf(one),
    })),
  );
}

export function anyValueOf(given: Given): OtlpMessage {
  if (given === undefined || given === null) return {};
  if (typeof given === 'string') return { stringValue: given.toWellFormed() };
  if (typeof given === 'boolean') return { boolValue: given };
  if (typeof given === 'number') return numberOf(given);
  if (given instanceof Uint8Array) return { bytesValue: Buffer.from(given).toString('base64') };
  if (Array.isArray(given)) {
    return { arrayValue: written({ values: listOf(given.map(anyValueOf)) }) };
  }
  return { kvlistValue: written({ values: attributesOf(given) }) };
}

function numberOf(given: number): OtlpMessage {
  const isInt64 = Number.isInteger(given) && given >= INT64_MIN && given < INT64_END;
  return isInt64 ? { intValue: String(BigInt(given)) } : { doubleValue: given };
}
