/**
 * Copies a log record from the wire straight into the JSON text of `text.ts`, byte by byte where
 * nothing needs escaping: the way of every record that is no event of ours, and some three times as
 * fast as making the text of objects. What is unusual takes that way, so both always say the same.
 */
import { behindLength } from './direct/bytes.ts';
import type { KeyValue, OriginalText, OtlpLogRecord } from './model.ts';
import { attributeText, valueText } from './text.ts';
import { readKeyValue, readValue } from './value.ts';
import { WireReader } from './wire.ts';

/** Where a record's fields stand in the request; -1 for a field that is not there. */
export interface RecordPlaces {
  body: number;
  traceId: number;
  spanId: number;
  attributes: number[];
  /** How many of `attributes` are of this record: a list that is emptied gives up its memory. */
  count: number;
}

/** Where a record stands that was read before; `bytes` is the request. */
export interface OriginalSource {
  writer: OriginalWriter;
  bytes: Buffer;
  places: RecordPlaces;
}

const CHUNK_BYTES = 262_144;
/** More than an attribute's text is longer than its wire form when nothing is escaped. */
const FRAME_BYTES = 96;
/** 1 for a byte that stands for itself in JSON text and in UTF-8. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) => {
  return byte >= 0x20 && byte < 0x80 && byte !== 0x22 && byte !== 0x5c ? 1 : 0;
});
const HEX = Buffer.from('0123456789abcdef');

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
const KEY = ascii('{"key":"');
const VALUE = ascii('","value":{');
const STRING = ascii('"stringValue":"');
const INTEGER = ascii('"intValue":"');
const TRUE = ascii('"boolValue":true');
const FALSE = ascii('"boolValue":false');
const ATTRIBUTES = ascii('"attributes":[');
const BODY = ascii('"body":{');
const TIME = ascii('"timeUnixNano":"');
const OBSERVED = ascii('"observedTimeUnixNano":"');
const TRACE_ID = ascii('"traceId":"');
const SPAN_ID = ascii('"spanId":"');
/** Tags of KeyValue and AnyValue: field number << 3 | wire type. */
const TAG_KEY = 0x0a;
const TAG_VALUE = 0x12;
const TAG_STRING = 0x0a;
const TAG_BOOL = 0x10;
const TAG_INTEGER = 0x18;
const QUOTE = 0x22;
const BRACE = 0x7d;
const COMMA = 0x2c;

export class OriginalWriter {
  #buffer = Buffer.alloc(0);
  #pos = 0;
  /** Where the record being written begins. */
  #start = 0;

  /** Reads what was read before: it needs no second count of its values. */
  #reader: WireReader | undefined;

  /** What `rewrite` needs of a record that is taken apart meanwhile. */
  sourceOf({ bytes }: WireReader, places: RecordPlaces): OriginalSource {
    const attributes = places.attributes.slice(0, places.count);
    return { writer: this, bytes, places: { ...places, attributes } };
  }

  /** `moved`: names of the parts that hold an attribute's value, by its place. */
  rewrite(
    record: OtlpLogRecord,
    { bytes, places }: OriginalSource,
    moved?: ReadonlyMap<number, string>,
  ): OriginalText {
    if (this.#reader?.bytes !== bytes) this.#reader = new WireReader(bytes);
    return this.write(this.#reader, record, places, moved);
  }

  /** `record` holds what is not among `places`, and its attributes if some are `moved`. */
  write(
    reader: WireReader,
    record: OtlpLogRecord,
    places: RecordPlaces,
    moved?: ReadonlyMap<number, string>,
  ): OriginalText {
    this.#start = this.#pos;
    this.#text('{');
    if (record.timeUnixNano !== '0') this.#time(TIME, record.timeUnixNano);
    if (record.severityNumber !== 0) this.#text(`"severityNumber":${record.severityNumber},`);
    if (record.severityText !== '') this.#member('severityText', record.severityText);
    if (places.body >= 0) this.#body(reader, places.body);
    if (places.count > 0) this.#attributes(reader, record.attributes, places, moved);
    const { droppedAttributesCount: dropped, flags, observedTimeUnixNano: observed } = record;
    if (dropped !== 0) this.#text(`"droppedAttributesCount":${dropped},`);
    if (flags !== 0) this.#text(`"flags":${flags},`);
    if (places.traceId >= 0) this.#id(reader, TRACE_ID, places.traceId);
    if (places.spanId >= 0) this.#id(reader, SPAN_ID, places.spanId);
    if (observed !== '0') this.#time(OBSERVED, observed);
    if (record.eventName !== '') this.#member('eventName', record.eventName);
    if (this.#pos - this.#start > 1) this.#pos--;
    this.#text('}');
    return { chunk: this.#buffer, start: this.#start, end: this.#pos };
  }

  #time(name: Uint8Array, digits: string): void {
    this.#room(name.length);
    this.#pos = put(name, this.#buffer, this.#pos);
    this.#text(digits);
    this.#text('",');
  }

  #member(name: string, value: string): void {
    this.#text(`"${name}":${JSON.stringify(value)},`);
  }

  #attributes(
    reader: WireReader,
    attributes: readonly KeyValue[],
    { attributes: places, count }: RecordPlaces,
    moved: ReadonlyMap<number, string> | undefined,
  ): void {
    this.#room(ATTRIBUTES.length);
    this.#pos = put(ATTRIBUTES, this.#buffer, this.#pos);
    for (let i = 0; i < count; i++) {
      const place = places[i]!;
      const part = moved?.get(i);
      if (part !== undefined) {
        this.#text(`${attributeText(attributes[i]!, part)},`);
        continue;
      }
      reader.pos = place;
      const length = reader.length();
      this.#room(length + FRAME_BYTES);
      const { pos } = reader;
      const at = plainAttribute(reader.bytes, pos, pos + length, this.#buffer, this.#pos);
      if (at >= 0) {
        reader.countValue();
        reader.countValue();
        this.#pos = at;
      } else {
        reader.pos = place;
        this.#text(`${attributeText(readKeyValue(reader, 1))},`);
      }
    }
    this.#pos--;
    this.#text('],');
  }

  #body(reader: WireReader, place: number): void {
    reader.pos = place;
    const length = reader.length();
    this.#room(length + FRAME_BYTES);
    const open = put(BODY, this.#buffer, this.#pos);
    const at = plainValue(reader.bytes, reader.pos, reader.pos + length, this.#buffer, open);
    if (at >= 0) {
      reader.countValue();
      this.#pos = at;
      this.#text('},');
      return;
    }
    reader.pos = place;
    const value = readValue(reader, 1);
    if (value !== null) this.#text(`"body":${valueText(value)},`);
  }

  #id(reader: WireReader, name: Uint8Array, place: number): void {
    reader.pos = place;
    const id = reader.blob();
    if (id.length === 0) return;
    this.#room(name.length + 2 * id.length);
    this.#pos = put(name, this.#buffer, this.#pos);
    for (const byte of id) {
      this.#buffer[this.#pos++] = HEX[byte >> 4]!;
      this.#buffer[this.#pos++] = HEX[byte & 15]!;
    }
    this.#text('",');
  }

  #text(text: string): void {
    // Short text is ASCII here almost always, and a call into the engine costs more than a loop.
    this.#room(3 * text.length);
    const to = this.#buffer;
    const pos = this.#pos;
    if (text.length > 64) {
      this.#pos += to.write(text, pos, 'utf8');
      return;
    }
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) {
        this.#pos += to.write(text, pos, 'utf8');
        return;
      }
      to[pos + i] = unit;
    }
    this.#pos += text.length;
  }

  /** Room for so many bytes more; the record moves to a new chunk if the old one is full. */
  #room(bytes: number): void {
    const used = this.#pos - this.#start;
    if (this.#pos + bytes <= this.#buffer.length) return;
    const chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, 2 * (used + bytes)));
    this.#buffer.copy(chunk, 0, this.#start, this.#pos);
    this.#buffer = chunk;
    this.#start = 0;
    this.#pos = used;
  }
}

function put(text: Uint8Array, to: Buffer, at: number): number {
  for (let i = 0; i < text.length; i++) to[at + i] = text[i]!;
  return at + text.length;
}

/**
 * Writes the KeyValue in `from[pos, end)` when it is a short key and then a text, integer or
 * boolean, with nothing else and nothing to escape; then a comma. The end, or -1. Room is there.
 */
function plainAttribute(from: Buffer, pos: number, end: number, to: Buffer, at: number): number {
  const length = from[pos + 1]!;
  const start = pos + 2;
  const behind = start + length;
  if (end - pos < 4 || from[pos] !== TAG_KEY || length >= 0x80 || behind >= end) return -1;
  const key = putPlain(from, start, behind, to, put(KEY, to, at));
  if (key < 0 || from[behind] !== TAG_VALUE) return -1;
  const inside = behindLength(from, behind + 1, end);
  if (inside < 0) return -1;
  const value = plainValue(from, inside, end, to, put(VALUE, to, key));
  if (value < 0) return -1;
  to[value] = BRACE;
  to[value + 1] = BRACE;
  to[value + 2] = COMMA;
  return value + 3;
}

/** Writes the one member of the AnyValue in `from[pos, end)`: its end, else -1. */
function plainValue(from: Buffer, pos: number, end: number, to: Buffer, at: number): number {
  const tag = from[pos]!;
  if (end - pos < 2) return -1;
  if (tag === TAG_STRING) {
    const start = behindLength(from, pos + 1, end);
    const close = start < 0 ? -1 : putPlain(from, start, end, to, put(STRING, to, at));
    if (close < 0) return -1;
    to[close] = QUOTE;
    return close + 1;
  }
  if (tag === TAG_INTEGER) return plainInteger(from, pos + 1, end, to, at);
  const byte = from[pos + 1]!;
  if (tag !== TAG_BOOL || end - pos !== 2 || byte > 1) return -1;
  return put(byte === 1 ? TRUE : FALSE, to, at);
}

function putPlain(from: Buffer, start: number, end: number, to: Buffer, at: number): number {
  const offset = at - start;
  for (let i = start; i < end; i++) {
    const byte = from[i]!;
    if (PLAIN[byte] === 0) return -1;
    to[offset + i] = byte;
  }
  return offset + end;
}

/** An integer below 2^28 that ends at `end`. */
function plainInteger(from: Buffer, pos: number, end: number, to: Buffer, at: number): number {
  let value = 0;
  let last = 0x80;
  if (end - pos > 4) return -1;
  for (let i = pos, shift = 0; i < end; i++, shift += 7) {
    if (last < 0x80) return -1;
    last = from[i]!;
    value |= (last & 0x7f) << shift;
  }
  if (last >= 0x80) return -1;
  const digits = put(INTEGER, to, at);
  let close = digits + 1;
  for (let rest = value; rest >= 10; rest = (rest / 10) | 0) close++;
  for (let i = close - 1, rest = value; i >= digits; i--) {
    to[i] = 0x30 + (rest % 10);
    rest = (rest / 10) | 0;
  }
  to[close] = QUOTE;
  return close + 1;
}
