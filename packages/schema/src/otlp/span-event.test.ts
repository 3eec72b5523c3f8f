/** A span whose name is a kind of ours: what becomes a member, and what keeps the original. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SandboxEvent } from '../event.ts';
import { EVENT_KINDS } from '../event.ts';
import { readPath } from '../json.ts';
import { FIELD_CHARS_MAX, OTLP_ATTRIBUTES_MAX } from '../limits.ts';
import { decodeExport } from './decode.ts';
import { toEvents } from './events.ts';
import type { OtlpMessage } from './model.ts';

const TRACE = 'ab'.repeat(16);
const SPAN = 'cd'.repeat(8);
const OURS = [{ key: 'vitrine.shim.name', value: { stringValue: 'egress' } }];
const FOREIGN = [{ key: 'service.name', value: { stringValue: 'someone' } }];

type Attributes = Record<string, object>;

function eventOf(
  attributes: Attributes,
  more: Record<string, unknown> = {},
  resource: object[] = OURS,
): SandboxEvent {
  const span = {
    traceId: TRACE,
    spanId: SPAN,
    name: 'egress.request',
    kind: 1,
    startTimeUnixNano: '1000',
    endTimeUnixNano: '1000',
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
    ...more,
  };
  const scopeSpans = [{ scope: { name: 'scope' }, spans: [span] }];
  const request = { resourceSpans: [{ resource: { attributes: resource }, scopeSpans }] };
  const body = Buffer.from(JSON.stringify(request));
  return toEvents(decodeExport('traces', 'json', body))[0]!;
}

function original(event: SandboxEvent): OtlpMessage {
  const { span } = JSON.parse(Buffer.from(event.parts.otlp!).toString()) as { span: OtlpMessage };
  return span;
}

test('attributes nest, the number and the session are taken, and nothing else is needed', () => {
  const event = eventOf({
    'http.host': { stringValue: 'api.example.com' },
    'http.status': { intValue: '200' },
    'http.denied': { boolValue: false },
    'http.share': { doubleValue: 0.5 },
    'http.odd': { doubleValue: 'NaN' },
    'http.large': { intValue: '9007199254740993' },
    'http.list': { arrayValue: { values: [{ stringValue: 'a' }, {}] } },
    'http.map': { kvlistValue: { values: [{ key: 'b', value: { intValue: '1' } }] } },
    'http.bytes': { bytesValue: 'AQID' },
    'vitrine.shim.seq': { intValue: '7' },
    'vitrine.part.body': { stringValue: 'secret words' },
    'session.id': { stringValue: 's-1' },
    'event.sequence': { intValue: '3' },
  });
  const { body } = event.parts;
  assert.equal(Buffer.from(body!).toString(), 'secret words');
  assert.deepEqual(
    { ...event, parts: Object.keys(event.parts) },
    {
      kind: 'egress.request',
      t: '1000',
      session: 's-1',
      sequence: 3,
      fields: {
        source: { shim: 'egress', seq: 7 },
        http: {
          host: 'api.example.com',
          status: 200,
          denied: false,
          share: '0.5',
          odd: 'NaN',
          large: '9007199254740993',
          list: ['a', null],
          map: { b: 1 },
          bytes: 'AQID',
        },
        event: { sequence: 3 },
        trace: { id: TRACE },
        span: { id: SPAN },
      },
      parts: ['body'],
    },
  );
});

test('time is the start; what took time says how long, whom it is part of and how it ended', () => {
  const event = eventOf(
    {},
    {
      kind: 3,
      parentSpanId: 'ef'.repeat(8),
      endTimeUnixNano: '2500',
      flags: 257,
      status: { code: 2 },
    },
  );
  assert.deepEqual([event.t, event.parts], ['1000', {}]);
  const { source: _, ...members } = event.fields;
  assert.deepEqual(members, {
    trace: { id: TRACE, flags: 257 },
    span: {
      id: SPAN,
      parent_id: 'ef'.repeat(8),
      kind: 'client',
      duration_ns: 1_500,
      status: 'error',
    },
  });
});

test('every kind of ours is taken by name, and the name alone decides', () => {
  for (const kind of EVENT_KINDS) assert.equal(eventOf({}, { name: kind }).kind, kind);
  const attributes = {
    'event.name': { stringValue: 'egress.request' },
    'http.host': { stringValue: 'private.example.com' },
    'vitrine.shim.seq': { intValue: '4' },
  };
  const event = eventOf(attributes, { name: 'egress.reply' });
  assert.equal(event.kind, 'other');
  const source = { shim: 'egress', seq: 4, event: 'egress.reply', scope: 'scope' };
  assert.deepEqual(event.fields, { source }, 'only names are in the clear');
  assert.equal(original(event).name, 'egress.reply');
});

test('what has no member keeps the original', () => {
  const kept: Record<string, unknown>[] = [
    { events: [{ name: 'attempt', timeUnixNano: '5' }] },
    { links: [{ traceId: TRACE, spanId: SPAN }] },
    { traceState: 'vendor=1' },
    { droppedAttributesCount: 1 },
    { droppedEventsCount: 1 },
    { droppedLinksCount: 1 },
    { status: { code: 2, message: 'denied: api-key-of-mine' } },
    { status: { code: 9 } },
    { kind: 9 },
    { endTimeUnixNano: '999' },
    { endTimeUnixNano: '0' },
    { traceId: 'abc1' },
    { parentSpanId: 'ab' },
  ];
  for (const more of kept) {
    const [member] = Object.keys(more) as [string];
    const event = eventOf({}, more);
    assert.deepEqual(Object.keys(event.parts), ['otlp'], member);
    if (more[member] !== '0') assert.deepEqual(original(event)[member], more[member]);
    assert.ok(!JSON.stringify(event.fields).includes('api-key-of-mine'));
  }
  assert.deepEqual(eventOf({}, { status: { code: 1 } }).parts, {});
  assert.deepEqual(eventOf({}, { startTimeUnixNano: '0', endTimeUnixNano: '0' }).parts, {});
});

test('an attribute that no record may have, or that is one too many, keeps the original', () => {
  for (const name of ['kind', 'source.shim', 'größe', '__proto__.x', 'vitrine.part.otlp']) {
    const event = eventOf({ [name]: { stringValue: 'x' }, 'http.host': { stringValue: 'h' } });
    assert.equal(readPath(event.fields, 'source.shim'), 'egress');
    assert.deepEqual(Object.keys(event.parts), ['otlp'], name);
    assert.match(JSON.stringify(original(event)), new RegExp(name));
  }
  const many = Object.fromEntries(
    Array.from({ length: OTLP_ATTRIBUTES_MAX }, (_, i) => [`a${i}`, { intValue: '1' }]),
  );
  assert.deepEqual(eventOf(many).parts, {});
  assert.deepEqual(Object.keys(eventOf({ ...many, over: {} }).parts), ['otlp']);
});

test('a part is named in the original and not repeated there', () => {
  const long = 'é'.repeat(FIELD_CHARS_MAX + 1);
  const event = eventOf({
    kind: { stringValue: 'refused, so that there is an original' },
    'vitrine.part.prompt': { stringValue: 'secret words' },
    'File.Path': { stringValue: long },
  });
  assert.deepEqual(Object.keys(event.parts).sort(), ['file.path', 'otlp', 'prompt']);
  assert.ok(!Buffer.from(event.parts.otlp!).toString().includes('secret words'));
  assert.deepEqual(original(event).attributes, [
    { key: 'kind', value: { stringValue: 'refused, so that there is an original' } },
    { key: 'vitrine.part.prompt', part: 'prompt' },
    { key: 'File.Path', part: 'file.path' },
  ]);
});

test('a span of somebody else keeps its original beside its members', () => {
  const event = eventOf({ 'tool.name': { stringValue: 'Bash' } }, { name: 'tool.call' }, FOREIGN);
  assert.equal(event.kind, 'tool.call');
  assert.equal(readPath(event.fields, 'tool.name'), 'Bash');
  assert.deepEqual(event.fields.source, {
    service: 'someone',
    event: 'tool.call',
    scope: 'scope',
  });
  assert.equal(original(event).name, 'tool.call');
});

test('a name that an attribute took is not overwritten, and the original has both', () => {
  const event = eventOf({ 'span.id': { stringValue: 'mine' } });
  assert.equal(readPath(event.fields, 'span.id'), 'mine');
  assert.equal(original(event).spanId, SPAN);
});
