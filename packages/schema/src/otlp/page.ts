/**
 * Records of a log as OTLP log records, so that another collector that is sent them makes the same
 * records of them: members as attributes with dotted names, parts under `vitrine.part.`. Written
 * record by record, so that whoever fills a page knows how large it is.
 */
import { isObject, type Json, type JsonObject } from '../json.ts';
import { OTLP_ATTRIBUTES_MAX, OTLP_NAME_CHARS_MAX } from '../limits.ts';
import { INTEGRITY_PREFIX, PART_PREFIX } from './draft.ts';
import { REPLAYED_LOG } from './origin.ts';
import {
  type AttributeValue,
  type OutgoingLog,
  writeAttributes,
  writeLogRecord,
} from './request.ts';
import { base64 } from './text.ts';
import { WireWriter } from './wire-writer.ts';

/** One leaf of a log with what is to be said of it. */
export interface LoggedRecord {
  session: string;
  /** Unix nanoseconds, decimal text; `0` where nobody received it. */
  observed: string;
  severityNumber: number;
  /** One line for people. */
  title: string;
  record: JsonObject;
  /** By name, as far as they may be told. */
  parts: ReadonlyMap<string, Uint8Array>;
  /** Where it stands. */
  integrity: Record<string, string | number>;
}

/** Members of a record that are fields of a log record, or that only its own log can say. */
const OWN_MEMBERS = new Set(['kind', 'parts', 'prev', 'seq', 'session', 'shim', 't', 'v']);
/** Names below them would be taken for what a page says, or a shim. */
const CLOSED = new Set(['vitrine.integrity', 'vitrine.part', 'vitrine.shim']);
const UINT64_MAX = '18446744073709551615';
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function outgoingLog(entry: LoggedRecord): OutgoingLog {
  const { session, observed, severityNumber, title, record, parts, integrity } = entry;
  const attributes: Record<string, AttributeValue> = { 'session.id': session };
  for (const [name, value] of Object.entries(integrity)) {
    attributes[INTEGRITY_PREFIX + name] = value;
  }
  for (const [name, data] of parts) attributes[PART_PREFIX + name] = textOf(data);
  const room = OTLP_ATTRIBUTES_MAX - Object.keys(attributes).length;
  for (const [name, value] of membersOf(record, room)) attributes[name] = value;
  const t = timeOf(record.t);
  const received = t === '0' || observed === '0' ? {} : { observedTimeUnixNano: observed };
  const said = { eventName: String(record.kind), timeUnixNano: t, ...received };
  return { ...said, severityNumber, body: title, attributes };
}

/** As deep as names go without more attributes than a record may have. */
function membersOf(record: JsonObject, room: number): [string, AttributeValue][] {
  const own = Object.fromEntries(Object.entries(record).filter(([name]) => !OWN_MEMBERS.has(name)));
  for (const depth of [OTLP_ATTRIBUTES_MAX, 2, 1]) {
    const members: [string, AttributeValue][] = [];
    flatten('', own, depth, members);
    if (members.length <= room || depth === 1) return members;
  }
  return [];
}

function flatten(
  prefix: string,
  object: JsonObject,
  depth: number,
  members: [string, AttributeValue][],
): void {
  for (const [name, value] of Object.entries(object)) {
    const path = prefix + name;
    // What is below `source` stands beside what a collector itself says there.
    const isOpen = depth > 1 || path === 'source';
    if (isOpen && isNamed(path, value) && !CLOSED.has(path)) {
      flatten(`${path}.`, value, depth - 1, members);
    } else members.push([path, value]);
  }
}

/** An object of which each member has a dotted name of its own. */
function isNamed(path: string, value: Json): value is JsonObject {
  if (!isObject(value)) return false;
  const names = Object.keys(value);
  const room = OTLP_NAME_CHARS_MAX - path.length - 1;
  const fits = (name: string): boolean => name !== '' && name.length <= room && !name.includes('.');
  return names.length > 0 && names.every(fits);
}

/** A text where the bytes are one: tools show it, and its bytes are the same again. */
function textOf(data: Uint8Array): string | Uint8Array {
  try {
    return utf8.decode(data);
  } catch {
    return data;
  }
}

function timeOf(t: Json | undefined): string {
  if (typeof t !== 'string' || !/^(0|[1-9]\d{0,19})$/.test(t)) return '0';
  return t.length === UINT64_MAX.length && t > UINT64_MAX ? UINT64_MAX : t;
}

/** What a page says of all its records. `origin` is that of the log. */
function resourceOf(origin: string): Record<string, AttributeValue> {
  return { 'service.name': 'vitrine', [REPLAYED_LOG]: origin };
}

/** LogRecord in protobuf, to be given to `joinLogs`. */
export function logBytes(log: OutgoingLog): Buffer {
  const writer = new WireWriter();
  writeLogRecord(writer, log);
  return writer.finish();
}

/** One ExportLogsServiceRequest of what `logBytes` gave. */
export function joinLogs(records: readonly Uint8Array[], origin: string): Buffer {
  return joinRecords(records, resourceOf(origin));
}

/** The same under any resource. */
export function joinRecords(
  records: readonly Uint8Array[],
  resource: Record<string, AttributeValue>,
): Buffer {
  const writer = new WireWriter();
  if (records.length === 0) return writer.finish();
  for (let i = records.length - 1; i >= 0; i--) writer.blob(2, records[i]!);
  writer.message(2, 0);
  const end = writer.size;
  writeAttributes(writer, 1, resource);
  writer.message(1, end);
  writer.message(1, 0);
  return writer.finish();
}

/** LogRecord in OTLP/JSON, to be given to `joinLogTexts`. */
export function logText(log: OutgoingLog): string {
  const { timeUnixNano, observedTimeUnixNano, body, attributes, eventName } = log;
  const { severityNumber, severityText } = log;
  return JSON.stringify({
    timeUnixNano,
    observedTimeUnixNano,
    severityNumber,
    severityText,
    body: body === undefined ? undefined : anyValue(body),
    attributes: keyValues(attributes),
    eventName,
  });
}

/** The same request as `joinLogs` in OTLP/JSON. */
export function joinLogTexts(records: readonly string[], origin: string): string {
  return joinRecordTexts(records, resourceOf(origin));
}

/** The same request as `joinRecords` in OTLP/JSON. */
export function joinRecordTexts(
  records: readonly string[],
  attributes: Record<string, AttributeValue>,
): string {
  if (records.length === 0) return '{"resourceLogs":[]}';
  const resource = JSON.stringify({ attributes: keyValues(attributes) });
  const scope = `{"scope":{},"logRecords":[${records.join(',')}]}`;
  return `{"resourceLogs":[{"resource":${resource},"scopeLogs":[${scope}]}]}`;
}

function keyValues(attributes: Record<string, AttributeValue>): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: AttributeValue): object {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  if (value instanceof Uint8Array) return { bytesValue: base64(value) };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: keyValues(value) } };
}
