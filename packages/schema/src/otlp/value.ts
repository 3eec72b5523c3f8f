/** Reads AnyValue and KeyValue of log records, from the wire and from OTLP/JSON. */
import { OTLP_VALUE_DEPTH_MAX } from '../limits.ts';
import type { JsonReader } from './json-input.ts';
import { type AnyValue, type KeyValue, OtlpDouble, OtlpMap, OtlpOpaque } from './model.ts';
import type { WireReader } from './wire.ts';

/** Tags of AnyValue: field number << 3 | wire type. */
const STRING = 0x0a;
const BOOL = 0x10;
const INT = 0x18;
const DOUBLE = 0x21;
const ARRAY = 0x2a;
const KVLIST = 0x32;
const BLOB = 0x3a;
/** The first field of KeyValue, ArrayValue and KeyValueList, and the second of KeyValue. */
const FIRST = 0x0a;
const SECOND = 0x12;

/** Reads a length-delimited AnyValue; the reader stands on its length. */
export function readValue(reader: WireReader, depth: number): AnyValue {
  if (depth > OTLP_VALUE_DEPTH_MAX) {
    return new OtlpOpaque('protobuf', reader.blob().toString('base64'));
  }
  reader.countValue();
  const outer = reader.enter();
  let value: AnyValue = null;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === STRING) value = reader.text();
    else if (tag === INT) value = reader.int64();
    else if (tag === BOOL) value = reader.bool();
    else if (tag === DOUBLE) value = new OtlpDouble(reader.double());
    else if (tag === ARRAY) value = readArray(reader, depth);
    else if (tag === KVLIST) value = readMap(reader, depth);
    else if (tag === BLOB) value = reader.blob();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return value;
}

export function readKeyValue(reader: WireReader, depth: number): KeyValue {
  reader.countValue();
  const outer = reader.enter();
  let key = '';
  let value: AnyValue = null;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === FIRST) key = reader.text();
    else if (tag === SECOND) value = readValue(reader, depth);
    else reader.skip(tag);
  }
  reader.leave(outer);
  return { key, value };
}

function readArray(reader: WireReader, depth: number): AnyValue[] {
  const outer = reader.enter();
  const values: AnyValue[] = [];
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === FIRST) values.push(readValue(reader, depth + 1));
    else reader.skip(tag);
  }
  reader.leave(outer);
  return values;
}

function readMap(reader: WireReader, depth: number): OtlpMap {
  const outer = reader.enter();
  const entries: KeyValue[] = [];
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === FIRST) entries.push(readKeyValue(reader, depth + 1));
    else reader.skip(tag);
  }
  reader.leave(outer);
  return new OtlpMap(entries);
}

export function readJsonAnyValue(reader: JsonReader, input: unknown, depth: number): AnyValue {
  if (input === undefined || input === null) return null;
  if (depth > OTLP_VALUE_DEPTH_MAX) return new OtlpOpaque('json', reader.raw(input));
  reader.countValue();
  const set = reader.anyValue(input);
  if (set === undefined) return null;
  const { name, value } = set;
  if (name === 'stringValue') return reader.text(value, name);
  if (name === 'intValue') return reader.int64(value, name);
  if (name === 'boolValue') return reader.bool(value, name);
  if (name === 'doubleValue') return new OtlpDouble(reader.double(value, name));
  if (name === 'bytesValue') return reader.base64(value, name);
  const items = listOf(reader, value, name);
  if (name === 'arrayValue') return items.map((item) => readJsonAnyValue(reader, item, depth + 1));
  return new OtlpMap(items.map((item) => readJsonKeyValue(reader, item, depth + 1)));
}

function listOf(reader: JsonReader, value: unknown, at: string): unknown[] {
  const values = reader.member(reader.object(value, at), 'values');
  return values === undefined ? [] : reader.array(values, at);
}

export function readJsonKeyValue(reader: JsonReader, input: unknown, depth: number): KeyValue {
  reader.countValue();
  const object = reader.object(input, 'attribute');
  const key = reader.member(object, 'key');
  return {
    key: key === undefined ? '' : reader.text(key, 'key'),
    value: readJsonAnyValue(reader, reader.member(object, 'value'), depth),
  };
}
