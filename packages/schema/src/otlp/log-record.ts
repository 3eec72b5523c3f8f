/** Reads one LogRecord (opentelemetry-proto 1.11, `logs/v1`), from the wire and from OTLP/JSON. */
import type { JsonReader } from './json-input.ts';
import { OtlpLogRecord } from './model.ts';
import { readJsonAnyValue, readJsonKeyValue, readKeyValue, readValue } from './value.ts';
import type { WireReader } from './wire.ts';

/** Tags: field number << 3 | wire type. */
const TIME = 0x09;
const SEVERITY_NUMBER = 0x10;
const SEVERITY_TEXT = 0x1a;
const BODY = 0x2a;
const ATTRIBUTE = 0x32;
const DROPPED = 0x38;
const FLAGS = 0x45;
const TRACE_ID = 0x4a;
const SPAN_ID = 0x52;
const OBSERVED = 0x59;
const EVENT_NAME = 0x62;

/** The reader stands on the record's length. */
export function readLogRecord(reader: WireReader): OtlpLogRecord {
  reader.countValue();
  const outer = reader.enter();
  const record = new OtlpLogRecord();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === ATTRIBUTE) record.attributes.push(readKeyValue(reader, 1));
    else if (tag === TIME) record.timeUnixNano = String(reader.fixed64());
    else if (tag === OBSERVED) record.observedTimeUnixNano = String(reader.fixed64());
    else if (tag === SEVERITY_NUMBER) record.severityNumber = reader.int32();
    else if (tag === SEVERITY_TEXT) record.severityText = reader.text();
    else if (tag === BODY) record.body = readValue(reader, 1);
    else if (tag === DROPPED) record.droppedAttributesCount = reader.uint32();
    else if (tag === FLAGS) record.flags = reader.fixed32();
    else if (tag === TRACE_ID) record.traceId = reader.hex();
    else if (tag === SPAN_ID) record.spanId = reader.hex();
    else if (tag === EVENT_NAME) record.eventName = reader.text();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return record;
}

export function readJsonLogRecord(reader: JsonReader, input: unknown): OtlpLogRecord {
  reader.countValue();
  const object = reader.object(input, 'log record');
  const record = new OtlpLogRecord();
  record.timeUnixNano = reader.uint64(object.timeUnixNano ?? '0', 'timeUnixNano');
  record.observedTimeUnixNano = reader.uint64(
    object.observedTimeUnixNano ?? '0',
    'observedTimeUnixNano',
  );
  record.severityNumber = reader.int32(object.severityNumber ?? 0, 'severityNumber');
  record.severityText = reader.text(object.severityText ?? '', 'severityText');
  record.body = readJsonAnyValue(reader, object.body, 1);
  record.attributes = reader
    .array(object.attributes ?? [], 'attributes')
    .map((item) => readJsonKeyValue(reader, item, 1));
  record.droppedAttributesCount = reader.int32(object.droppedAttributesCount ?? 0, 'dropped');
  record.flags = reader.int32(object.flags ?? 0, 'flags');
  record.traceId = reader.hex(object.traceId ?? '', 'traceId');
  record.spanId = reader.hex(object.spanId ?? '', 'spanId');
  record.eventName = reader.text(object.eventName ?? '', 'eventName');
  return record;
}
