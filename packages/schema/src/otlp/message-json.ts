/**
 * Reads any message of `message.ts` from parsed OTLP/JSON: known members only, each in one spelling
 * (64-bit integers as decimal text, hex in lower case), so that both encodings of one message give
 * the same result.
 */
import { OTLP_VALUE_DEPTH_MAX } from '../limits.ts';
import type { JsonReader } from './json-input.ts';
import type { Message, Scalar } from './message.ts';
import type { OtlpJson, OtlpMessage } from './model.ts';

/** Puts values in field order and leaves out what equals its default. */
export function assemble(shape: Message, values: (OtlpJson | undefined)[]): OtlpMessage {
  const made: OtlpMessage = {};
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const field = shape.fields[i]!;
    if (value === undefined) continue;
    if (!field.explicit && isDefault(value, field.type)) continue;
    made[field.name] = value;
  }
  return made;
}

function isDefault(value: OtlpJson, type: Scalar | Message): boolean {
  if (Array.isArray(value)) return value.length === 0;
  // The text of a 64-bit integer; a text that says 0 says something.
  if (value === '0') return type !== 'string';
  return value === '' || value === 0 || value === false;
}

/** JSON has no NaN and no infinities: proto3 writes them as text. */
export function doubleJson(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

export function readJsonMessage(
  reader: JsonReader,
  input: unknown,
  shape: Message,
  at: string,
  depth: number,
): OtlpMessage {
  reader.countValue();
  const object = shape.nests ? onlySet(reader, input) : reader.object(input, at);
  const values = shape.fields.map(({ name, type, repeated }): OtlpJson | undefined => {
    const value = reader.member(object, name);
    if (value === undefined) return undefined;
    if (!repeated) return readJsonValue(reader, value, type, name, depth);
    return reader.array(value, name).map((item) => {
      if (typeof type === 'string') reader.countValue();
      return readJsonValue(reader, item, type, name, depth);
    });
  });
  return assemble(shape, values);
}

/** An AnyValue without the members that do not count. */
function onlySet(reader: JsonReader, input: unknown): Record<string, unknown> {
  const set = reader.anyValue(input);
  return set === undefined ? {} : { [set.name]: set.value };
}

function readJsonValue(
  reader: JsonReader,
  value: unknown,
  type: Scalar | Message,
  at: string,
  depth: number,
): OtlpJson {
  if (typeof type === 'string') return readJsonScalar(reader, value, type, at);
  const inside = type.nests ? depth + 1 : depth;
  if (inside > OTLP_VALUE_DEPTH_MAX) return { json: reader.raw(value) };
  return readJsonMessage(reader, value, type, at, inside);
}

function readJsonScalar(reader: JsonReader, value: unknown, type: Scalar, at: string): OtlpJson {
  switch (type) {
    case 'string':
      return reader.text(value, at);
    case 'bytes':
      return reader.base64(value, at).toString('base64');
    case 'hex':
      return reader.hex(value, at);
    case 'bool':
      return reader.bool(value, at);
    case 'double':
      return doubleJson(reader.double(value, at));
    case 'uint32':
    case 'int32':
    case 'sint32':
    case 'fixed32':
      return reader.int32(value, at);
    case 'int64':
    case 'sfixed64':
      return String(reader.int64(value, at));
    case 'uint64':
    case 'fixed64':
      return reader.uint64(value, at);
  }
}
