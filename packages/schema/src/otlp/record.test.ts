/**
 * Whatever OTLP says, the event it becomes fits LOG.md §1: this test holds its own copy of those
 * rules and applies them to generated requests, in both encodings.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RESERVED_FIELDS, type SandboxEvent } from '../event.ts';
import { type Json, readPath } from '../json.ts';
import {
  EVENT_FIELDS_BYTES_MAX,
  JSON_DEPTH_MAX,
  PART_BYTES_MAX,
  RECORD_BYTES_MAX,
} from '../limits.ts';
import { decodeExport } from './decode.ts';
import { toEvents } from './events.ts';
import type { OtlpMessage } from './model.ts';
import { encodeLogsRequest } from './request.ts';

/** The longest names and numbers that the reserved members can hold. */
function asRecord(event: SandboxEvent): Json {
  const commitment = Buffer.alloc(32).toString('base64');
  const names = Object.keys(event.parts);
  return {
    ...event.fields,
    v: 1,
    kind: event.kind,
    session: 's'.repeat(128),
    shim: 's'.repeat(128),
    seq: Number.MAX_SAFE_INTEGER,
    prev: commitment,
    t: event.t,
    parts: Object.fromEntries(names.map((name) => [name, commitment])),
  };
}

function assertRecord(event: SandboxEvent): void {
  assert.match(event.kind, /^[a-z0-9._]{1,64}$/);
  assert.match(event.t, /^(0|[1-9]\d{0,19})$/);
  for (const name of RESERVED_FIELDS) assert.ok(!Object.hasOwn(event.fields, name), name);
  for (const name of Object.keys(event.parts)) assert.match(name, /^[a-z0-9_.-]{1,64}$/);
  const record = asRecord(event);
  assertValue(record, 1);
  const bytes = Buffer.byteLength(JSON.stringify(record));
  assert.ok(bytes <= RECORD_BYTES_MAX, `${bytes} bytes`);
}

function assertValue(value: Json, depth: number): void {
  if (typeof value === 'string') assert.ok(value.isWellFormed());
  if (typeof value === 'number') assert.ok(Number.isSafeInteger(value) && !Object.is(value, -0));
  if (typeof value !== 'object' || value === null) return;
  assert.ok(depth <= JSON_DEPTH_MAX, 'depth');
  for (const [key, inner] of Object.entries(value)) {
    assert.ok(key !== '__proto__' && /^[\x00-\x7f]*$/.test(key), key);
    assertValue(inner, depth + 1);
  }
}

const word = fc.constantFrom('a', 'b', 'file', 'path', 'source', 'kind', '__proto__', 'ü', '');
const dotted = fc.array(word, { minLength: 1, maxLength: 18 }).map((words) => words.join('.'));
const key = fc.oneof(
  { weight: 6, arbitrary: dotted },
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('session.id', 'event.sequence', 'vitrine.shim.seq', 'vitrine.part.x'),
  dotted.map((name) => `vitrine.part.${name}`),
);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 40 }).map((s) => `${s}\ud800`),
  fc.tuple(fc.constantFrom('x', '\u0001', '漢'), fc.nat(9_000)).map(([c, n]) => c.repeat(n)),
);
const { value: anyValue } = fc.letrec<{ value: unknown; pair: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 12, depthSize: 'small' },
    text.map((stringValue) => ({ stringValue })),
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((n) => ({ intValue: String(n) })),
    fc.double().map((n) => ({ doubleValue: Number.isFinite(n) ? n : String(n) })),
    fc.boolean().map((boolValue) => ({ boolValue })),
    fc
      .uint8Array({ maxLength: 40 })
      .map((b) => ({ bytesValue: Buffer.from(b).toString('base64') })),
    fc.constant({}),
    fc.array(tie('value'), { maxLength: 4 }).map((values) => ({ arrayValue: { values } })),
    fc.array(tie('pair'), { maxLength: 4 }).map((values) => ({ kvlistValue: { values } })),
  ),
  pair: fc.record({ key, value: tie('value') }),
}));
const attribute = fc.record({ key, value: anyValue });
const logRecord = fc.record(
  {
    eventName: fc.oneof(fc.constantFrom('file.read', 'other', 'x.y'), text),
    timeUnixNano: fc.bigInt(0n, 2n ** 64n - 1n).map(String),
    traceId: fc.oneof(fc.constant('AB'.repeat(16)), text),
    severityText: text,
    body: anyValue,
    attributes: fc.array(attribute, { maxLength: 140, size: 'max' }),
  },
  { requiredKeys: ['eventName'] },
);
const resource = fc.constantFrom([], [{ key: 'vitrine.shim.name', value: { stringValue: 's' } }]);

test('a log record of any content becomes a record that the log accepts', () => {
  fc.assert(
    fc.property(logRecord, resource, (record, attributes) => {
      const scopeLogs = [{ logRecords: [record] }];
      const request = { resourceLogs: [{ resource: { attributes }, scopeLogs }] };
      const body = Buffer.from(JSON.stringify(request));
      const events = toEvents(decodeExport('logs', 'json', body));
      assert.equal(events.length, 1);
      assertRecord(events[0]!);
      assertKept(events[0]!, record.attributes?.length ?? 0, attributes.length > 0);
    }),
    { numRuns: 150 },
  );
});

/** Nothing is dropped: without an original, every attribute is a member or a part. */
function assertKept(event: SandboxEvent, attributes: number, ours: boolean): void {
  if (event.parts.otlp === undefined) {
    assert.ok(ours);
    return;
  }
  if (event.parts.otlp.length >= 1_000_000) return;
  const original = JSON.parse(Buffer.from(event.parts.otlp).toString()) as OtlpMessage;
  const { attributes: kept } = original.logRecord as { attributes?: unknown[] };
  assert.equal(kept?.length ?? 0, attributes);
}

/** Such as a shim sends: a span with these often needs no original. */
const plainAttributes = fc.uniqueArray(
  fc.record({
    key: fc.constantFrom('file.path', 'file.bytes', 'a.b.c', 'vitrine.part.x', 'session.id'),
    value: fc.oneof(
      text.map((stringValue) => ({ stringValue: `s${stringValue}` })),
      fc.constant({ stringValue: 'short' }),
    ),
  }),
  { selector: ({ key }) => key },
);
const spanLike = fc.record(
  {
    name: fc.oneof(fc.constantFrom('egress.request', 'tool.call', 'x.y'), text),
    startTimeUnixNano: fc.bigInt(0n, 2n ** 64n - 1n).map(String),
    endTimeUnixNano: fc.bigInt(0n, 2n ** 64n - 1n).map(String),
    traceId: fc.constantFrom('AB'.repeat(16), 'ab'.repeat(16), 'abcd', ''),
    spanId: fc.constantFrom('cd'.repeat(8), ''),
    parentSpanId: fc.constantFrom('ef'.repeat(8), 'ef', ''),
    kind: fc.nat(7),
    flags: fc.constantFrom(0, 1, 257),
    traceState: fc.constantFrom('', 'a=b'),
    status: fc.record({ code: fc.nat(3), message: fc.constantFrom('', 'words') }),
    events: fc.constantFrom([], [{ name: 'attempt', timeUnixNano: '1' }]),
    attributes: fc.array(attribute, { maxLength: 140, size: 'max' }),
  },
  { requiredKeys: ['name'] },
);
const plainSpan = fc.record({
  name: fc.constantFrom('egress.request', 'tool.call'),
  startTimeUnixNano: fc.bigInt(0n, 2n ** 60n).map(String),
  endTimeUnixNano: fc.bigInt(2n ** 60n, 2n ** 64n - 1n).map(String),
  traceId: fc.constant('ab'.repeat(16)),
  spanId: fc.constant('cd'.repeat(8)),
  parentSpanId: fc.constantFrom('ef'.repeat(8), ''),
  kind: fc.nat(5),
  flags: fc.constantFrom(0, 257),
  attributes: plainAttributes,
});

test('a span of any content becomes a record that the log accepts, and nothing is lost', () => {
  let alone = 0;
  fc.assert(
    fc.property(fc.oneof(spanLike, plainSpan), resource, (span, attributes) => {
      const scopeSpans = [{ spans: [span] }];
      const request = { resourceSpans: [{ resource: { attributes }, scopeSpans }] };
      const exported = decodeExport('traces', 'json', Buffer.from(JSON.stringify(request)));
      const [decoded] = exported.groups[0]!.items as OtlpMessage[];
      const [event] = toEvents(exported);
      assertRecord(event!);
      if (event!.parts.otlp === undefined) alone++;
      assertSpanKept(event!, decoded!);
    }),
    { numRuns: 600 },
  );
  assert.ok(alone > 10, `${alone} events without an original`);
});

/** From the members and parts alone, or from the original and the parts it names. */
function assertSpanKept(event: SandboxEvent, span: OtlpMessage): void {
  const otlp = event.parts.otlp;
  if (otlp === undefined) {
    assertSaid(event, span);
    return;
  }
  if (otlp.length >= PART_BYTES_MAX) return;
  const kept = (JSON.parse(Buffer.from(otlp).toString()) as OtlpMessage).span as OtlpMessage;
  const { attributes = [], ...rest } = kept;
  const { attributes: given = [], ...others } = span;
  assert.deepEqual(rest, others);
  const whole = (attributes as OtlpMessage[]).map(({ key, value, part }, i) => {
    if (part === undefined) return value === undefined ? { key } : { key, value };
    const inside = (given as OtlpMessage[])[i]!.value as OtlpMessage;
    assert.deepEqual(Buffer.from(event.parts[String(part)]!), bytesOf(inside));
    return { key, value: inside };
  });
  assert.deepEqual(whole, given);
}

function bytesOf({ stringValue, bytesValue }: OtlpMessage): Buffer {
  if (typeof stringValue === 'string') return Buffer.from(stringValue);
  return Buffer.from(String(bytesValue), 'base64');
}

/** An event without an original: each thing that its span says is a member or a part. */
function assertSaid(event: SandboxEvent, span: OtlpMessage): void {
  const of = (path: string) => readPath(event.fields, path);
  const [end, start] = [span.endTimeUnixNano, span.startTimeUnixNano].map((t) => String(t ?? 0));
  const took = BigInt(end!) - BigInt(start!);
  assert.equal(
    of('span.duration_ns') ?? 0,
    took > Number.MAX_SAFE_INTEGER ? `${took}` : +`${took}`,
  );
  assert.deepEqual([of('trace.id'), of('span.id')], [span.traceId, span.spanId]);
  assert.equal(of('span.parent_id'), span.parentSpanId);
  assert.deepEqual([event.t, of('trace.flags')], [start === '0' ? end : start, span.flags]);
  for (const { key, value } of (span.attributes ?? []) as OtlpMessage[]) {
    const name = String(key);
    const said = value as OtlpMessage;
    const part = event.parts[name.replace(/^vitrine\.part\./, '').toLowerCase()];
    if (name === 'session.id') assert.equal(event.session, said.stringValue);
    else if (part === undefined) assert.deepEqual(of(name), memberOf(said), name);
    else assert.deepEqual(Buffer.from(part), bytesOf(said));
  }
}

function memberOf(value: OtlpMessage): Json {
  const { stringValue, boolValue, intValue, doubleValue } = value;
  if (intValue !== undefined) {
    const number = Number(intValue);
    return Number.isSafeInteger(number) ? number : String(intValue);
  }
  if (doubleValue !== undefined) return String(doubleValue);
  return (stringValue ?? boolValue ?? null) as Json;
}

test('members stop where the record would become too large, whatever their characters', () => {
  for (const letter of ['x', '\u0001', '漢']) {
    for (const chars of [500, 4_000]) {
      const attributes = Object.fromEntries(
        Array.from({ length: 128 }, (_, i) => [`${'k'.repeat(60)}${i}`, letter.repeat(chars)]),
      );
      const resourceAttributes = { 'vitrine.shim.name': '漢'.repeat(300) };
      const log = { eventName: 'other', timeUnixNano: '1', attributes };
      const body = encodeLogsRequest([log], resourceAttributes);
      const [event] = toEvents(decodeExport('logs', 'protobuf', body));
      assertRecord(event!);
      const { source: _, ...members } = event!.fields;
      const bytes = Buffer.byteLength(JSON.stringify(members));
      assert.ok(bytes <= EVENT_FIELDS_BYTES_MAX && bytes > EVENT_FIELDS_BYTES_MAX - 26_000);
      const places = Object.keys(members).length + Object.keys(event!.parts).length;
      assert.equal(places, 128, 'each value is a member or a part');
    }
  }
});
