/**
 * Decodes an OTLP export request of any signal, protobuf or JSON. Relies on nothing about the
 * bytes; whatever is wrong with them is a `SchemaError` with an `OTLP_` code.
 */
import { SchemaError } from '../error.ts';
import { OTLP_BODY_BYTES_MAX, OTLP_RECORDS_MAX } from '../limits.ts';
import { DirectWriter } from './direct/writer.ts';
import { JsonReader, parseJson } from './json-input.ts';
import { readJsonLogRecord, readLogRecord } from './log-record.ts';
import { METRIC, type Message, RESOURCE, SCOPE, SPAN } from './message.ts';
import { readJsonMessage } from './message-json.ts';
import { readMessage } from './message-protobuf.ts';
import type { OtlpExport, OtlpGroup, OtlpLogRecord, OtlpMessage, Signal } from './model.ts';
import { OriginalWriter } from './original.ts';
import { malformed, WireReader } from './wire.ts';

/** Export…ServiceRequest, Resource… and Scope… have the same field numbers in all signals. */
const FIRST = 0x0a;
const SECOND = 0x12;
const SCHEMA_URL = 0x1a;

/** OTLP/JSON member names of the three envelope levels. */
const MEMBERS: Record<Signal, [resources: string, scopes: string, items: string]> = {
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
};

/**
 * Throws OTLP_MALFORMED for bytes that are no such request, OTLP_TOO_LARGE beyond
 * `OTLP_BODY_BYTES_MAX` or `OTLP_VALUES_MAX`, OTLP_TOO_MANY_RECORDS beyond `OTLP_RECORDS_MAX`.
 * `body` is the request after decompression; byte values in the result are views of it. `direct`:
 * events of ours may come as the text of their members, which only `makeRecord` understands;
 * `relayed`: the session that such an event names is one of them, as `keepNamedSession` has it, and
 * no column is read.
 */
export function decodeExport(
  signal: Signal,
  contentType: 'protobuf' | 'json',
  body: Uint8Array,
  { direct }: { direct?: boolean | 'relayed' } = {},
): OtlpExport {
  if (body.length > OTLP_BODY_BYTES_MAX) {
    const message = `the request has ${body.length} bytes, ${OTLP_BODY_BYTES_MAX} at most`;
    throw new SchemaError('OTLP_TOO_LARGE', message, 'send smaller batches');
  }
  try {
    if (contentType === 'json') return fromJson(signal, body);
    return fromWire(signal, body, direct === 'relayed' ? relayed : direct ? directs : undefined);
  } catch (error) {
    if (error instanceof SchemaError) throw error;
    throw malformed('the request cannot be read', error);
  }
}

/** Emptied by nobody: what it has written is never written again. */
const directs = new DirectWriter({ relayed: false });
const relayed = new DirectWriter({ relayed: true });

function fromWire(signal: Signal, body: Uint8Array, direct?: DirectWriter): OtlpExport {
  const reader = new WireReader(body);
  if (signal === 'logs') {
    const originals = new OriginalWriter();
    let late = false;
    const readItem = (at: WireReader): OtlpLogRecord => {
      return readLogRecord(at, originals, direct);
    };
    const groups = readRequest(reader, readItem, (resource, isLate) => {
      direct?.begin(resource);
      late ||= isLate;
    });
    // Records were read before it was known whose they are.
    return late && direct !== undefined ? fromWire(signal, body) : exported(signal, groups);
  }
  const shape = shapeOf(signal);
  return exported(
    signal,
    readRequest(reader, (at) => readWhole(at, shape)),
  );
}

function fromJson(signal: Signal, body: Uint8Array): OtlpExport {
  const reader = new JsonReader();
  const request = parseJson(body);
  if (signal === 'logs') {
    const groups = readJsonRequest(reader, request, signal, (at) => readJsonLogRecord(reader, at));
    return exported(signal, groups);
  }
  const shape = shapeOf(signal);
  const readItem = (at: unknown): OtlpMessage => readJsonMessage(reader, at, shape, signal, 0);
  return exported(signal, readJsonRequest(reader, request, signal, readItem));
}

function shapeOf(signal: 'traces' | 'metrics'): Message {
  return signal === 'traces' ? SPAN : METRIC;
}

type GroupsOf<S extends Signal> = Extract<OtlpExport, { signal: S }>['groups'];

function exported<S extends Signal>(signal: S, groups: GroupsOf<S>): OtlpExport {
  const count = groups.reduce((sum, group) => sum + group.items.length, 0);
  return { signal, count, groups } as OtlpExport;
}

/** Stops at the first record too many, before its siblings are decoded. */
class RecordCount {
  #count = 0;

  add(): void {
    if (++this.#count <= OTLP_RECORDS_MAX) return;
    const message = `the request has more than ${OTLP_RECORDS_MAX} records`;
    throw new SchemaError('OTLP_TOO_MANY_RECORDS', message, 'send smaller batches');
  }
}

function readWhole(reader: WireReader, shape: Message): OtlpMessage {
  const outer = reader.enter();
  const message = readMessage(reader, shape, 0);
  reader.leave(outer);
  return message;
}

function emptyGroup<Item>(): OtlpGroup<Item> {
  return { resource: {}, resourceSchemaUrl: '', scope: {}, scopeSchemaUrl: '', items: [] };
}

/** Called when one begins, and with what it says; `late`: some of its records were read by then. */
type OnResource = (resource: OtlpMessage, late: boolean) => void;

export function readRequest<Item>(
  reader: WireReader,
  readItem: (reader: WireReader) => Item,
  onResource: OnResource = () => {},
): OtlpGroup<Item>[] {
  const groups: OtlpGroup<Item>[] = [];
  const count = new RecordCount();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === FIRST) readResource(reader, readItem, onResource, count, groups);
    else reader.skip(tag);
  }
  return groups;
}

/** Fields may come in any order: the groups learn their resource at the end. */
function readResource<Item>(
  reader: WireReader,
  readItem: (reader: WireReader) => Item,
  onResource: OnResource,
  count: RecordCount,
  groups: OtlpGroup<Item>[],
): void {
  reader.countValue();
  const outer = reader.enter();
  const before = groups.length;
  let resource: OtlpMessage = {};
  let schemaUrl = '';
  onResource(resource, false);
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === FIRST) {
      resource = readWhole(reader, RESOURCE);
      onResource(resource, groups.length > before);
    } else if (tag === SECOND) groups.push(readScope(reader, readItem, count));
    else if (tag === SCHEMA_URL) schemaUrl = reader.text();
    else reader.skip(tag);
  }
  reader.leave(outer);
  for (let i = before; i < groups.length; i++) {
    groups[i]!.resource = resource;
    groups[i]!.resourceSchemaUrl = schemaUrl;
  }
}

function readScope<Item>(
  reader: WireReader,
  readItem: (reader: WireReader) => Item,
  count: RecordCount,
): OtlpGroup<Item> {
  reader.countValue();
  const outer = reader.enter();
  const group = emptyGroup<Item>();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === SECOND) {
      count.add();
      group.items.push(readItem(reader));
    } else if (tag === FIRST) group.scope = readWhole(reader, SCOPE);
    else if (tag === SCHEMA_URL) group.scopeSchemaUrl = reader.text();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return group;
}

function readJsonRequest<Item>(
  reader: JsonReader,
  request: unknown,
  signal: Signal,
  readItem: (item: unknown) => Item,
): OtlpGroup<Item>[] {
  const [resources, scopes, items] = MEMBERS[signal];
  const count = new RecordCount();
  const list = (object: Record<string, unknown>, name: string): unknown[] =>
    reader.array(object[name] ?? [], name);
  return list(reader.object(request, 'the request'), resources).flatMap((outer) => {
    const { resource, schemaUrl, ...rest } = reader.object(outer, resources);
    const shared = readJsonMessage(reader, resource ?? {}, RESOURCE, 'resource', 0);
    return list(rest, scopes).map((inner) => {
      const scoped = reader.object(inner, scopes);
      const scope = readJsonMessage(reader, scoped.scope ?? {}, SCOPE, 'scope', 0);
      return {
        resource: shared,
        resourceSchemaUrl: reader.text(schemaUrl ?? '', 'schemaUrl'),
        scope,
        scopeSchemaUrl: reader.text(scoped.schemaUrl ?? '', 'schemaUrl'),
        items: list(scoped, items).map((item) => {
          count.add();
          return readItem(item);
        }),
      };
    });
  });
}
