/**
 * ExportLogsServiceRequest as our own programs write and read it: shims send events with it, and a
 * relay's pages are carried in it. Nothing here interprets what an attribute means.
 */
import { SchemaError } from '../error.ts';
import { OTLP_BODY_BYTES_MAX } from '../limits.ts';
import { readRequest } from './decode.ts';
import { readLogRecord } from './log-record.ts';
import { type AnyValue, type KeyValue, OtlpDouble, OtlpMap, OtlpOpaque } from './model.ts';
import { WireReader } from './wire.ts';
import { WireWriter } from './wire-writer.ts';

/** Numbers that are integers become OTLP integers, others doubles. */
export type AttributeValue =
  | null
  | string
  | boolean
  | number
  | bigint
  | Uint8Array
  | AttributeValue[]
  | { [key: string]: AttributeValue };

export interface OutgoingLog {
  eventName?: string;
  /** Unix nanoseconds, decimal text. */
  timeUnixNano: string;
  observedTimeUnixNano?: string;
  severityNumber?: number;
  severityText?: string;
  body?: string | Uint8Array;
  attributes: Record<string, AttributeValue>;
}

export interface IncomingLog {
  eventName: string;
  timeUnixNano: string;
  observedTimeUnixNano: string;
  body: AttributeValue;
  attributes: Record<string, AttributeValue>;
}

/** `resource`: attributes of the one resource that all records share. */
export function encodeLogsRequest(
  records: OutgoingLog[],
  resource: Record<string, AttributeValue> = {},
): Buffer {
  const writer = new WireWriter();
  for (let i = records.length - 1; i >= 0; i--) writeRecord(writer, records[i]!);
  if (records.length === 0) return writer.finish();
  writer.message(2, 0);
  const scopeEnd = writer.size;
  writeAttributes(writer, 1, resource);
  writer.message(1, scopeEnd);
  writer.message(1, 0);
  return writer.finish();
}

/** Byte values in the result are views of `body`. Throws as `decodeExport` does. */
export function decodeLogsRequest(body: Uint8Array): IncomingLog[] {
  if (body.length > OTLP_BODY_BYTES_MAX) {
    const message = `the request has ${body.length} bytes, ${OTLP_BODY_BYTES_MAX} at most`;
    throw new SchemaError('OTLP_TOO_LARGE', message);
  }
  return readRequest(new WireReader(body), (reader) => readLogRecord(reader)).flatMap(({ items }) =>
    items.map(({ eventName, timeUnixNano, observedTimeUnixNano, body, attributes }) => ({
      eventName,
      timeUnixNano,
      observedTimeUnixNano,
      body: plain(body),
      attributes: plainObject(attributes),
    })),
  );
}

function writeRecord(writer: WireWriter, record: OutgoingLog): void {
  const before = writer.size;
  writeLogRecord(writer, record);
  writer.message(2, before);
}

/** The fields of a LogRecord, without the message around them. */
export function writeLogRecord(writer: WireWriter, record: OutgoingLog): void {
  if (record.eventName !== undefined) writer.text(12, record.eventName);
  if (record.observedTimeUnixNano !== undefined) {
    writer.fixed64(11, nanos(record.observedTimeUnixNano));
  }
  writeAttributes(writer, 6, record.attributes);
  if (record.body !== undefined) writeValue(writer, 5, record.body);
  if (record.severityText !== undefined) writer.text(3, record.severityText);
  if (record.severityNumber !== undefined) writer.integer(2, record.severityNumber);
  writer.fixed64(1, nanos(record.timeUnixNano));
}

function nanos(text: string): bigint {
  if (!/^\d{1,20}$/.test(text)) {
    throw new SchemaError('EVENT_INVALID', 'a time is not unix nanoseconds in decimal text');
  }
  return BigInt.asUintN(64, BigInt(text));
}

export function writeAttributes(
  writer: WireWriter,
  field: number,
  attributes: Record<string, AttributeValue>,
): void {
  for (const [key, value] of Object.entries(attributes).reverse()) {
    const before = writer.size;
    writeValue(writer, 2, value);
    writer.text(1, key);
    writer.message(field, before);
  }
}

/** AnyValue in the field of the message around it. */
function writeValue(writer: WireWriter, field: number, value: AttributeValue): void {
  const before = writer.size;
  if (typeof value === 'string') writer.text(1, value);
  else if (typeof value === 'boolean') writer.bool(2, value);
  else if (typeof value === 'bigint') writer.integer(3, value);
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) writer.integer(3, value);
    else writer.double(4, value);
  } else if (value instanceof Uint8Array) writer.blob(7, value);
  else if (Array.isArray(value)) {
    for (let i = value.length - 1; i >= 0; i--) writeValue(writer, 1, value[i]!);
    writer.message(5, before);
  } else if (value !== null) {
    writeAttributes(writer, 1, value);
    writer.message(6, before);
  }
  writer.message(field, before);
}

function plain(value: AnyValue): AttributeValue {
  if (value instanceof OtlpDouble) return value.value;
  if (value instanceof OtlpMap) return plainObject(value.entries);
  if (value instanceof OtlpOpaque) return value.text;
  return Array.isArray(value) ? value.map(plain) : value;
}

/** The first of two equal keys counts; `__proto__` is no key of an object. */
function plainObject(entries: KeyValue[]): Record<string, AttributeValue> {
  const object: Record<string, AttributeValue> = {};
  for (const { key, value } of entries) {
    if (key !== '__proto__' && !Object.hasOwn(object, key)) object[key] = plain(value);
  }
  return object;
}
