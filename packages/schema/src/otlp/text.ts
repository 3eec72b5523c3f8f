/**
 * The JSON text of one original record with its resource and scope: what part `otlp` holds. It is
 * the OTLP/JSON mapping, members in field order and defaults left out, whichever encoding it came
 * in.
 */
import { OTLP_CONTEXT_BYTES_MAX } from '../limits.ts';
import { doubleJson } from './message-json.ts';
import {
  type AnyValue,
  type KeyValue,
  type OriginalText,
  OtlpDouble,
  type OtlpGroup,
  type OtlpLogRecord,
  OtlpMap,
  OtlpOpaque,
} from './model.ts';

/** No quote, backslash, control character or anything beyond ASCII: needs no escaping. */
const PLAIN = /^[ !#-[\]-~]*$/;
const QUOTED_KEYS_MAX = 4_096;
const QUOTED_KEY_CHARS_MAX = 64;
const CLOSING_BRACE = 0x7d;
const quotedKeys = new Map<string, string>();

function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** Keys repeat from record to record; the table starts anew when it is full. */
function keyMember(key: string): string {
  const known = quotedKeys.get(key);
  if (known !== undefined) return known;
  const made = `{"key":${quote(key)}`;
  if (key.length > QUOTED_KEY_CHARS_MAX) return made;
  if (quotedKeys.size >= QUOTED_KEYS_MAX) quotedKeys.clear();
  quotedKeys.set(key, made);
  return made;
}

/**
 * What precedes the record itself. A context above `OTLP_CONTEXT_BYTES_MAX` is written with the
 * first record of its group; the others say how many records before them it stands, or a request
 * could grow ten-thousandfold.
 */
export class ContextText {
  readonly #group: OtlpGroup<unknown>;
  /** Made when it is first asked for: few records of our own shims need it. */
  #made: { text: string; bytes: Buffer } | undefined;

  constructor(group: OtlpGroup<unknown>) {
    this.#group = group;
  }

  #make(): { text: string; bytes: Buffer } {
    const { resource, resourceSchemaUrl, scope, scopeSchemaUrl } = this.#group;
    const members = [`"resource":${JSON.stringify(resource)}`];
    if (resourceSchemaUrl !== '') members.push(`"resourceSchemaUrl":${quote(resourceSchemaUrl)}`);
    members.push(`"scope":${JSON.stringify(scope)}`);
    if (scopeSchemaUrl !== '') members.push(`"scopeSchemaUrl":${quote(scopeSchemaUrl)}`);
    const text = `{${members.join(',')},`;
    return { text, bytes: Buffer.from(`${text}"logRecord":`) };
  }

  get #context(): { text: string; bytes: Buffer } {
    this.#made ??= this.#make();
    return this.#made;
  }

  /** The part for a log record whose text is made already. */
  around(at: number, { chunk, start, end }: OriginalText): Buffer {
    const before = this.#isLarge(at)
      ? Buffer.from(`${this.before(at)}"logRecord":`)
      : this.#context.bytes;
    const whole = Buffer.allocUnsafe(before.length + end - start + 1);
    before.copy(whole);
    chunk.copy(whole, before.length, start, end);
    whole[whole.length - 1] = CLOSING_BRACE;
    return whole;
  }

  /** `at` is the place of the record in its group. */
  before(at: number): string {
    return this.#isLarge(at) ? `{"contextRecordsBefore":${at},` : this.#context.text;
  }

  #isLarge(at: number): boolean {
    return at > 0 && this.#context.text.length > OTLP_CONTEXT_BYTES_MAX;
  }
}

/** `parts`: names of the parts that hold an attribute's value, by its place. */
export function logRecordText(record: OtlpLogRecord, parts?: ReadonlyMap<number, string>): string {
  let text = '{';
  if (record.timeUnixNano !== '0') text += `"timeUnixNano":"${record.timeUnixNano}",`;
  if (record.severityNumber !== 0) text += `"severityNumber":${record.severityNumber},`;
  if (record.severityText !== '') text += `"severityText":${quote(record.severityText)},`;
  if (record.body !== null) text += `"body":${valueText(record.body)},`;
  if (record.attributes.length > 0) {
    text += `"attributes":[${attributesText(record.attributes, parts)}],`;
  }
  if (record.droppedAttributesCount !== 0) {
    text += `"droppedAttributesCount":${record.droppedAttributesCount},`;
  }
  if (record.flags !== 0) text += `"flags":${record.flags},`;
  if (record.traceId !== '') text += `"traceId":${quote(record.traceId)},`;
  if (record.spanId !== '') text += `"spanId":${quote(record.spanId)},`;
  const { observedTimeUnixNano } = record;
  if (observedTimeUnixNano !== '0') text += `"observedTimeUnixNano":"${observedTimeUnixNano}",`;
  if (record.eventName !== '') text += `"eventName":${quote(record.eventName)},`;
  return text.length === 1 ? '{}' : `${text.slice(0, -1)}}`;
}

function attributesText(attributes: KeyValue[], parts?: ReadonlyMap<number, string>): string {
  let text = '';
  for (let i = 0; i < attributes.length; i++) {
    if (i > 0) text += ',';
    text += attributeText(attributes[i]!, parts?.get(i));
  }
  return text;
}

/** `part`: the part that holds the value, which is then not repeated. */
export function attributeText({ key, value }: KeyValue, part?: string): string {
  const member = part === undefined ? `"value":${valueText(value)}` : `"part":"${part}"`;
  return `${keyMember(key)},${member}}`;
}

export function valueText(value: AnyValue): string {
  if (typeof value === 'string') return `{"stringValue":${quote(value)}}`;
  if (typeof value === 'number' || typeof value === 'bigint') return `{"intValue":"${value}"}`;
  if (typeof value === 'boolean') return value ? '{"boolValue":true}' : '{"boolValue":false}';
  if (value === null) return '{}';
  if (value instanceof OtlpDouble) {
    return `{"doubleValue":${JSON.stringify(doubleJson(value.value))}}`;
  }
  if (value instanceof Uint8Array) return `{"bytesValue":"${base64(value)}"}`;
  if (value instanceof OtlpOpaque) return `{"${value.encoding}":${quote(value.text)}}`;
  if (value instanceof OtlpMap) {
    const values = attributesText(value.entries);
    return `{"kvlistValue":{${values === '' ? '' : `"values":[${values}]`}}}`;
  }
  const values = value.map(valueText).join(',');
  return `{"arrayValue":{${values === '' ? '' : `"values":[${values}]`}}}`;
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
