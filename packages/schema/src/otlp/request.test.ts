/** What our own programs write is what they read, and what a receiver answers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SchemaError } from '../error.ts';
import { OTLP_BODY_BYTES_MAX } from '../limits.ts';
import { type AttributeValue, decodeLogsRequest, encodeLogsRequest } from './request.ts';
import {
  decodeExportResponse,
  encodeExportResponse,
  encodeStatus,
  GRPC_STATUS,
} from './response.ts';
import { WireReader } from './wire.ts';

const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.bigInt(2n ** 53n, 2n ** 63n - 1n),
    fc.bigInt(-(2n ** 63n), -(2n ** 53n)),
    fc.double({ noInteger: true }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^[a-z.]{1,20}$/), tie('value'), { noNullPrototype: true }),
  ),
}));
const name = fc.stringMatching(/^[a-z.]{1,90}$/);
const log = fc.record({
  eventName: fc.string({ unit: 'grapheme' }),
  timeUnixNano: fc.bigInt(0n, 2n ** 64n - 1n).map(String),
  observedTimeUnixNano: fc.bigInt(0n, 2n ** 64n - 1n).map(String),
  body: fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array().map((b) => Buffer.from(b)),
  ),
  attributes: fc.dictionary(name, value, { noNullPrototype: true }),
});

test('a request reads as it was written', () => {
  fc.assert(
    fc.property(fc.array(log, { maxLength: 20 }), (logs) => {
      const written = logs.map((item) => ({ ...item, attributes: positiveZero(item.attributes) }));
      assert.deepEqual(decodeLogsRequest(encodeLogsRequest(written)), written);
    }),
    { numRuns: 200 },
  );
});

/** OTLP integers have no negative zero. */
function positiveZero<V>(input: V): V {
  if (Object.is(input, -0)) return 0 as V;
  if (Array.isArray(input)) return input.map(positiveZero) as V;
  if (typeof input !== 'object' || input === null || input instanceof Uint8Array) return input;
  return Object.fromEntries(Object.entries(input).map(([k, v]) => [k, positiveZero(v)])) as V;
}

test('a page of records travels with bytes, kind, mac and parts', () => {
  const record = Buffer.from('{"kind":"file.read"}');
  const parts = { prompt: { salt: Buffer.alloc(16, 1), data: Buffer.alloc(70_000, 2) } };
  const attributes = { 'vitrine.mac': Buffer.alloc(32, 3), 'vitrine.parts': parts };
  const body = encodeLogsRequest([
    { eventName: 'file.read', timeUnixNano: '1', body: record, attributes },
  ]);
  const [read] = decodeLogsRequest(body);
  assert.deepEqual(read!.body, record);
  assert.equal(read!.eventName, 'file.read');
  assert.deepEqual(read!.attributes, attributes);
});

test('a wrong time is not encoded, and what is too large is not decoded', () => {
  const refused = (code: string) => (error: unknown) =>
    error instanceof SchemaError && error.code === code;
  const wrong = { timeUnixNano: '1.5', attributes: {} };
  assert.throws(() => encodeLogsRequest([wrong]), refused('EVENT_INVALID'));
  const large = Buffer.alloc(OTLP_BODY_BYTES_MAX + 1);
  assert.throws(() => decodeLogsRequest(large), refused('OTLP_TOO_LARGE'));
  assert.throws(() => decodeLogsRequest(Buffer.from([0x0a])), refused('OTLP_MALFORMED'));
});

test('answers: accepted whole, in part, and a status, in both encodings', () => {
  assert.equal(encodeExportResponse('logs', 'protobuf').length, 0);
  assert.equal(encodeExportResponse('logs', 'json').toString(), '{}');
  const partial = { rejected: 300, message: 'two were too old' };
  for (const [signal, member] of [
    ['logs', 'rejectedLogRecords'],
    ['traces', 'rejectedSpans'],
    ['metrics', 'rejectedDataPoints'],
  ] as const) {
    assert.deepEqual(JSON.parse(encodeExportResponse(signal, 'json', partial).toString()), {
      partialSuccess: { [member]: '300', errorMessage: partial.message },
    });
    const reader = new WireReader(encodeExportResponse(signal, 'protobuf', partial));
    assert.equal(reader.tag(), 0x0a);
    reader.enter();
    assert.deepEqual([reader.tag(), reader.int64()], [0x08, 300]);
    assert.deepEqual([reader.tag(), reader.text()], [0x12, partial.message]);
    assert.equal(reader.pos, reader.bytes.length);
  }
  const { invalidArgument } = GRPC_STATUS;
  const status = encodeStatus('json', invalidArgument, 'bad');
  assert.deepEqual(JSON.parse(status.toString()), { code: 3, message: 'bad' });
  const reader = new WireReader(encodeStatus('protobuf', invalidArgument, 'bad'));
  assert.deepEqual([reader.tag(), reader.int32()], [0x08, 3]);
  assert.deepEqual([reader.tag(), reader.text()], [0x12, 'bad']);
});

test('a sender reads how many were rejected, in either encoding', () => {
  const signals = fc.constantFrom('logs' as const, 'traces' as const, 'metrics' as const);
  const message = fc.string({ unit: 'grapheme' });
  const partials = fc.record({ rejected: fc.nat(), message }, { noNullPrototype: true });
  fc.assert(
    fc.property(signals, partials, (signal, partial) => {
      for (const encoding of ['protobuf', 'json'] as const) {
        const answer = encodeExportResponse(signal, encoding, partial);
        assert.deepEqual(decodeExportResponse(encoding, answer), partial);
      }
    }),
  );
  const none = { rejected: 0, message: '' };
  for (const encoding of ['protobuf', 'json'] as const) {
    assert.deepEqual(decodeExportResponse(encoding, encodeExportResponse('logs', encoding)), none);
  }
  const unknown = Buffer.concat([Buffer.from([0x5a, 1, 9]), Buffer.from([0x0a, 2, 0x18, 1])]);
  assert.deepEqual(decodeExportResponse('protobuf', unknown), none);
});

test('an answer that is none is said to be none', () => {
  const odd = { rejectedLogRecords: 'many' };
  for (const text of ['', '<html>', '[]', '7', JSON.stringify({ partialSuccess: odd })]) {
    const malformed = { code: 'OTLP_MALFORMED' };
    assert.throws(() => decodeExportResponse('json', Buffer.from(text)), malformed, text);
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        decodeExportResponse('protobuf', bytes);
      } catch (error) {
        assert.ok(error instanceof SchemaError);
      }
    }),
  );
});
