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
  const object = reader.object(input, 'value');
  const of = (name: string): unknown => reader.member(object, name);
  let value: unknown = of('stringValue');
  if (value !== undefined) return reader.text(value, 'stringValue');
  value = of('intValue');
  if (value !== undefined) return reader.int64(value, 'intValue');
  value = of('boolValue');
  if (value !== undefined) return reader.bool(value, 'boolValue');
  value = of('doubleValue');
  if (value !== undefined) return new OtlpDouble(reader.double(value, 'doubleValue'));
  value = of('arrayValue');
  if (value !== undefined) {
    const values = listOf(reader, value, 'arrayValue');
    return values.map((item) => readJsonAnyValue(reader, item, depth + 1));
  }
  value = of('kvlistValue');
  if (value !== undefined) {
    const entries = listOf(reader, value, 'kvlistValue');
    return new OtlpMap(entries.map((item) => readJsonKeyValue(reader, item, depth + 1)));
  }
  value = of('bytesValue');
  return value === undefined ? null : reader.base64(value, 'bytesValue');
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
