/** Reads one LogRecord (opentelemetry-proto 1.11, `logs/v1`), from the wire and from OTLP/JSON. */
import { FAMILY } from '../claude-code/source.ts';
import { EVENT_KINDS } from '../event.ts';
import type { DirectWriter } from './direct/writer.ts';
import type { JsonReader } from './json-input.ts';
import { OtlpLogRecord, SHARED_KEYS } from './model.ts';
import type { OriginalWriter, RecordPlaces } from './original.ts';
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
/** First field of AnyValue: a text. */
const STRING = 0x0a;
/** First field of KeyValue. */
const KEY = 0x0a;

/** What one record with very many attributes took is given up. */
const PLACES_KEPT_MAX = 1_024;
/** Of the record being read: one at a time, and a record has no records inside. */
const places: RecordPlaces = { body: -1, traceId: -1, spanId: -1, attributes: [], count: 0 };
/** Longer bodies are words, not the name of an event. */
const BODY_NAME_BYTES_MAX = 256;
const claudeCode = Buffer.from(FAMILY);
const sharedKeys = SHARED_KEYS.map((key) => Buffer.from(key));
/** 1 for the first byte of a key's length prefix when a shared key has that length. */
const isSharedLength = new Uint8Array(256);
for (const { length } of sharedKeys) isSharedLength[length] = 1;

/**
 * The reader stands on the record's length. With `originals`, a record that is neither an event of
 * ours nor of Claude Code is not taken apart: its text is made at once, and that of one of Claude
 * Code later, when it is known which values become parts. With `directs`, the members
 * of an event of ours are, where they are usual.
 */
export function readLogRecord(
  reader: WireReader,
  originals?: OriginalWriter,
  directs?: DirectWriter,
): OtlpLogRecord {
  reader.countValue();
  const outer = reader.enter();
  const record = new OtlpLogRecord();
  places.body = -1;
  places.traceId = -1;
  places.spanId = -1;
  places.count = 0;
  if (places.attributes.length > PLACES_KEPT_MAX) places.attributes = [];
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === ATTRIBUTE) places.attributes[places.count++] = reader.pos;
    else if (tag === BODY) places.body = reader.pos;
    else if (tag === TRACE_ID) places.traceId = reader.pos;
    else if (tag === SPAN_ID) places.spanId = reader.pos;
    else if (readScalar(reader, tag, record)) continue;
    reader.skip(tag);
  }
  if (directs !== undefined && EVENT_KINDS.has(record.eventName)) {
    record.direct = directs.write(reader, record, places);
  }
  if (record.direct === undefined) {
    if (originals === undefined || isKnown(reader.bytes, record)) {
      takeApart(reader, record);
      if (!EVENT_KINDS.has(record.eventName)) record.source = originals?.sourceOf(reader, places);
    } else {
      record.original = originals.write(reader, record, places);
      readShared(reader, record);
    }
  }
  reader.leave(outer);
  return record;
}

/** By the event's name or by the beginning of its body, where both lengths take one byte. */
function isKnown(bytes: Buffer, { eventName }: OtlpLogRecord): boolean {
  if (EVENT_KINDS.has(eventName) || eventName.startsWith(FAMILY)) return true;
  const { body } = places;
  return body >= 0 && bytes[body + 1] === STRING && isAt(bytes, body + 3, claudeCode);
}

/** False for a field that is no scalar, or none that is known. */
function readScalar(reader: WireReader, tag: number, record: OtlpLogRecord): boolean {
  if (tag === TIME) record.timeUnixNano = String(reader.fixed64());
  else if (tag === OBSERVED) record.observedTimeUnixNano = String(reader.fixed64());
  else if (tag === SEVERITY_NUMBER) record.severityNumber = reader.int32();
  else if (tag === SEVERITY_TEXT) record.severityText = reader.text();
  else if (tag === DROPPED) record.droppedAttributesCount = reader.uint32();
  else if (tag === FLAGS) record.flags = reader.fixed32();
  else if (tag === EVENT_NAME) record.eventName = reader.text();
  else return false;
  return true;
}

function takeApart(reader: WireReader, record: OtlpLogRecord): void {
  const at = (place: number): WireReader => {
    reader.pos = place;
    return reader;
  };
  if (places.body >= 0) record.body = readValue(at(places.body), 1);
  if (places.traceId >= 0) record.traceId = at(places.traceId).hex();
  if (places.spanId >= 0) record.spanId = at(places.spanId).hex();
  for (let i = 0; i < places.count; i++) {
    record.attributes.push(readKeyValue(at(places.attributes[i]!), 1));
  }
}

/** What `log-event.ts` asks of a record whose text is made already. */
function readShared(reader: WireReader, record: OtlpLogRecord): void {
  for (let i = 0; i < places.count; i++) {
    const place = places.attributes[i]!;
    reader.pos = place;
    if (!hasSharedKey(reader)) continue;
    reader.pos = place;
    record.attributes.push(readKeyValue(reader, 1));
  }
  if (places.body < 0) return;
  reader.pos = places.body;
  const length = reader.length();
  reader.pos = places.body;
  if (length <= BODY_NAME_BYTES_MAX) record.body = readValue(reader, 1);
}

/** Looks at the key where encoders put it: first. One that stands elsewhere is read to be sure. */
function hasSharedKey(reader: WireReader): boolean {
  const { bytes } = reader;
  const end = reader.length() + reader.pos;
  const { pos } = reader;
  if (pos === end) return false;
  if (bytes[pos] !== KEY) return true;
  const length = bytes[pos + 1]!;
  if (isSharedLength[length] === 0) return false;
  for (const key of sharedKeys) if (key.length === length && isAt(bytes, pos + 2, key)) return true;
  return false;
}

function isAt(bytes: Buffer, start: number, key: Buffer): boolean {
  for (let i = 0; i < key.length; i++) if (bytes[start + i] !== key[i]) return false;
  return true;
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
