/**
 * Random requests through the official serialisers of `@opentelemetry/otlp-transformer`, protobuf
 * and JSON, and back through our decoder: both must say what was put in, and nothing else.
 */
import assert from 'node:assert/strict';
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import {
  decodeExport,
  isMessage,
  type OtlpMessage,
  type SandboxEvent,
  SchemaError,
  type Signal,
  toEvents,
} from '@vitrine/schema';
import fc from 'fast-check';
import { type Item, log, metric, span } from './signals.ts';
import { attributes, attributesOf, text, textOf, uint32, written } from './values.ts';

/** One request as both serialisers write it, and what was put in, record by record. */
export interface Sent {
  signal: Signal;
  protobuf: Uint8Array;
  json: Uint8Array;
  expected: OtlpMessage[];
}

interface Group {
  resource: { attributes: Record<string, unknown>; schemaUrl: string | undefined };
  scope: object;
  /** What stands before the record in part `otlp`. */
  context: OtlpMessage;
  items: Item[];
}

/** Member of part `otlp` that holds the record. */
const MEMBER = { logs: 'logRecord', traces: 'span', metrics: 'metric' } as const;
const url = fc.option(text, { nil: undefined });

function groupOf(item: fc.Arbitrary<Item>): fc.Arbitrary<Group> {
  return fc
    .record({
      resource: fc.record({ attributes, schemaUrl: url }),
      name: text,
      version: fc.option(text, { nil: undefined }),
      schemaUrl: url,
      own: attributes,
      dropped: uint32,
      items: fc.array(item, { minLength: 1, maxLength: 3 }),
    })
    .map(({ resource, name, version, schemaUrl, own, dropped, items }) => {
      const isSaid = Object.keys(own).length > 0;
      const more = isSaid ? { attributes: own, droppedAttributesCount: dropped } : {};
      const scope = { name, version, schemaUrl, ...more };
      const context = written({
        resource: written({ attributes: attributesOf(resource.attributes) }),
        resourceSchemaUrl: textOf(resource.schemaUrl),
        scope: written({
          name: textOf(name),
          version: textOf(version),
          attributes: attributesOf(own),
          droppedAttributesCount: isSaid && dropped !== 0 ? dropped : undefined,
        }),
        scopeSchemaUrl: textOf(schemaUrl),
      });
      return { resource, scope, context, items };
    });
}

type Serialise = (input: unknown) => Uint8Array;

function sent(signal: Signal, groups: Group[], [protobuf, json]: Serialise[]): Sent {
  const isMetrics = signal === 'metrics';
  const records = groups.flatMap(({ resource, scope, items }) =>
    items.map(({ sdk }) => ({ ...sdk, resource, instrumentationScope: scope })),
  );
  const { resource, scope, items } = groups[0]!;
  const metrics = { resource, scopeMetrics: [{ scope, metrics: items.map(({ sdk }) => sdk) }] };
  const input = isMetrics ? metrics : records;
  const expected = groups.flatMap(({ context, items: own }) =>
    own.map((one) => ({ ...context, [MEMBER[signal]]: one.json })),
  );
  return { signal, protobuf: protobuf!(input), json: json!(input), expected };
}

function pair(protobuf: { serializeRequest: unknown }, json: { serializeRequest: unknown }) {
  return [protobuf.serializeRequest, json.serializeRequest] as Serialise[];
}

const LOGS = pair(ProtobufLogsSerializer, JsonLogsSerializer);
const SPANS = pair(ProtobufTraceSerializer, JsonTraceSerializer);
const METRICS = pair(ProtobufMetricsSerializer, JsonMetricsSerializer);

export const request: fc.Arbitrary<Sent> = fc.oneof(
  fc.array(groupOf(log), { minLength: 1, maxLength: 2 }).map((all) => sent('logs', all, LOGS)),
  fc.array(groupOf(span), { minLength: 1, maxLength: 2 }).map((all) => sent('traces', all, SPANS)),
  groupOf(metric).map((one) => sent('metrics', [one], METRICS)),
);

export function assertAgrees({ signal, protobuf, json, expected }: Sent): void {
  const fromWire = toEvents(decodeExport(signal, 'protobuf', protobuf));
  const fromJson = toEvents(decodeExport(signal, 'json', json));
  assert.deepEqual(originalsOf(fromWire, expected), expected);
  for (const [i, event] of fromWire.entries()) {
    const { session } = event;
    const own = sessionOf(expected[i]!, signal);
    if (own !== undefined) assert.equal(session, own);
  }
  assert.deepEqual(fromJson, fromWire);
}

/** Part `otlp` of each, with the resource and scope that the first of a group has for all. */
function originalsOf(events: SandboxEvent[], expected: OtlpMessage[]): OtlpMessage[] {
  const wholes = events.map((event, i) => originalOf(event, expected[i]!));
  return wholes.map(({ contextRecordsBefore: before, ...own }, i) => {
    if (typeof before !== 'number') return own;
    const { logRecord, span, metric, ...context } = wholes[i - before]!;
    return { ...context, ...own };
  });
}

/** Part `otlp` with the values that became parts of their own put back. */
function originalOf({ parts }: SandboxEvent, expected: OtlpMessage): OtlpMessage {
  const whole = JSON.parse(Buffer.from(parts.otlp!).toString()) as OtlpMessage;
  const given = attributesIn(expected);
  for (const [i, one] of attributesIn(whole).entries()) {
    if (typeof one.part !== 'string') continue;
    const { value } = given[i] as { value: OtlpMessage };
    const { stringValue, bytesValue } = value as { stringValue?: string; bytesValue?: string };
    const bytes =
      bytesValue === undefined ? Buffer.from(stringValue!) : Buffer.from(bytesValue, 'base64');
    assert.deepEqual(Buffer.from(parts[one.part]!), bytes);
    delete one.part;
    one.value = value;
  }
  return whole;
}

function attributesIn({ logRecord, span }: OtlpMessage): OtlpMessage[] {
  const record = logRecord ?? span;
  const list = isMessage(record) ? record.attributes : undefined;
  return Array.isArray(list) ? (list as OtlpMessage[]) : [];
}

/** What a record says its session is; of a metric, its first point does. */
function sessionOf(original: OtlpMessage, signal: Signal): string | undefined {
  if (signal === 'metrics') return undefined;
  const { attributes: list = [] } = original[MEMBER[signal]] as { attributes?: OtlpMessage[] };
  const { value } = list.find(({ key }) => key === 'session.id') ?? {};
  const said = isMessage(value) ? value.stringValue : undefined;
  return typeof said === 'string' && said !== '' ? said : undefined;
}

interface Mutant {
  signal: Signal;
  contentType: 'protobuf' | 'json';
  bytes: Buffer;
}

/** Bytes of a request cut, overwritten, repeated or put elsewhere. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 12 }),
    fc.constantFrom(Buffer.alloc(11, 0xff), Buffer.from('"\\u0000":{}[],'), Buffer.from([0x0b])),
  ),
  how: fc.constantFrom('overwrite', 'insert', 'delete', 'repeat', 'cut'),
  length: fc.nat(64),
});
type Edit = typeof edit extends fc.Arbitrary<infer One> ? One : never;

export const mutant: fc.Arbitrary<Mutant> = fc
  .tuple(request, fc.boolean(), fc.array(edit, { minLength: 1, maxLength: 4 }))
  .map(([{ signal, protobuf, json }, isJson, edits]) => ({
    signal,
    contentType: isJson ? 'json' : 'protobuf',
    bytes: edits.reduce(edited, Buffer.from(isJson ? json : protobuf)),
  }));

function edited(whole: Buffer, { at, bytes, how, length }: Edit): Buffer {
  const place = Math.floor(at * whole.length);
  const [before, after] = [whole.subarray(0, place), whole.subarray(place)];
  if (how === 'cut') return before;
  if (how === 'insert') return Buffer.concat([before, bytes, after]);
  if (how === 'overwrite') return Buffer.concat([before, bytes, after.subarray(bytes.length)]);
  if (how === 'delete') return Buffer.concat([before, after.subarray(length)]);
  return Buffer.concat([before, after.subarray(0, length), after]);
}

/** Whatever can be decoded becomes events; whatever cannot has a code that its sender hears. */
export function assertRefusedOrRead({ signal, contentType, bytes }: Mutant): void {
  try {
    const exported = decodeExport(signal, contentType, bytes);
    assert.equal(toEvents(exported).length, exported.count);
  } catch (error) {
    assert.ok(error instanceof SchemaError, String(error));
    assert.match(error.code, /^OTLP_/);
  }
}
