/** What decodeExport refuses, what it tolerates, and the limits of both encodings. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SchemaError } from '../error.ts';
import { OTLP_BODY_BYTES_MAX, OTLP_RECORDS_MAX, OTLP_VALUES_MAX } from '../limits.ts';
import { decodeExport } from './decode.ts';
import { toEvents } from './events.ts';
import {
  OtlpDouble,
  type OtlpExport,
  type OtlpLogRecord,
  type OtlpMessage,
  type Signal,
} from './model.ts';
import { encodeLogsRequest } from './request.ts';

const SIGNALS: Signal[] = ['logs', 'traces', 'metrics'];

function json(value: unknown, signal: Signal = 'logs'): OtlpExport {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return decodeExport(signal, 'json', Buffer.from(text));
}

function recordOf(exported: OtlpExport): OtlpLogRecord {
  assert.equal(exported.signal, 'logs');
  return exported.groups[0]!.items[0] as OtlpLogRecord;
}

function logs(logRecord: unknown): unknown {
  return { resourceLogs: [{ scopeLogs: [{ logRecords: [logRecord] }] }] };
}

function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof SchemaError, String(error));
    return error.code;
  }
  return 'none';
}

test('an empty request is a success in both encodings', () => {
  for (const signal of SIGNALS) {
    assert.equal(decodeExport(signal, 'protobuf', Buffer.alloc(0)).count, 0);
    assert.equal(json({}, signal).count, 0);
  }
  assert.equal(json({ resourceLogs: [{ resource: {}, scopeLogs: [] }] }).count, 0);
});

test('numbers are read from every form a sender uses', () => {
  const value = (intValue: unknown): unknown =>
    recordOf(json(logs({ attributes: [{ key: 'n', value: { intValue } }] }))).attributes[0]!.value;
  assert.equal(value(17), 17);
  assert.equal(value('17'), 17);
  assert.equal(value('-9223372036854775808'), -(2n ** 63n));
  const raw = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":1795425180779000123,';
  const record = recordOf(json(`${raw}"body":{"intValue":9007199254740993}}]}]}]}`));
  assert.equal(record.timeUnixNano, '1795425180779000123');
  assert.equal(record.body, 9007199254740993n);
  const double = recordOf(json(logs({ body: { doubleValue: '-Infinity' } }))).body;
  assert.deepEqual(double, new OtlpDouble(Number.NEGATIVE_INFINITY));
});

test('a whole number beyond 64 bits is a double, as SDKs in JavaScript write one', () => {
  // One such attribute must not cost its sender the batch; as text it is no integer of anybody's.
  for (const digits of ['9223372036854775808', '1e300', '-100000000000000000000']) {
    const double = new OtlpDouble(Number(digits));
    const attribute = `[{"key":"n","value":{"intValue":${digits}}}]`;
    const log = json(
      `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":${attribute}}]}]}]}`,
    );
    assert.deepEqual(recordOf(log).attributes, [{ key: 'n', value: double }]);
    const span = json(
      `{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":${attribute}}]}]}]}`,
      'traces',
    );
    const [item] = span.groups[0]!.items as OtlpMessage[];
    assert.deepEqual(item, { attributes: [{ key: 'n', value: { doubleValue: double.value } }] });
  }
  const body = '{"body":{"intValue":-9223372036854775808}}';
  const least = recordOf(json(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${body}]}]}]}`)).body;
  assert.equal(least, -(2n ** 63n));
});

test('of a value said twice the last counts, in logs and spans and in both encodings', () => {
  const value = { stringValue: 'first', intValue: '2', boolValue: null };
  assert.equal(recordOf(json(logs({ body: value }))).body, 2);
  // AnyValue: string_value (1) 'first', int_value (3) 2.
  const twice = Buffer.concat([
    Buffer.from([0x0a, 5]),
    Buffer.from('first'),
    Buffer.from([0x18, 2]),
  ]);
  const attribute = Buffer.concat([Buffer.from([0x0a, 1, 0x6e]), nest(0x12, twice)]);
  const request = (tag: number): Buffer => nest(0x0a, nest(0x12, nest(0x12, nest(tag, attribute))));
  const log = recordOf(decodeExport('logs', 'protobuf', request(0x32)));
  assert.deepEqual(log.attributes, []);
  const [event] = toEvents(decodeExport('logs', 'protobuf', request(0x32)));
  assert.match(String(Buffer.from(event!.parts.otlp!)), /"value":\{"intValue":"2"\}/);
  const [span] = decodeExport('traces', 'protobuf', request(0x4a)).groups[0]!.items;
  const attributes = [{ key: 'n', value: { intValue: '2' } }];
  assert.deepEqual(span, { attributes });
  const spans = [{ attributes: [{ key: 'n', value }] }];
  const fromJson = json({ resourceSpans: [{ scopeSpans: [{ spans }] }] }, 'traces');
  assert.deepEqual(fromJson.groups[0]!.items, [{ attributes }]);
});

test('a text that says 0 is kept where the integer 0 is its default', () => {
  const scope = { name: '0', version: '0' };
  const metrics = [{ name: '0', unit: '0', sum: { dataPoints: [{ timeUnixNano: '0' }] } }];
  const exported = json({ resourceMetrics: [{ scopeMetrics: [{ scope, metrics }] }] }, 'metrics');
  const [group] = exported.groups;
  assert.deepEqual(group!.scope, scope);
  assert.deepEqual(group!.items, [{ name: '0', unit: '0', sum: { dataPoints: [{}] } }]);
});

test('unknown members are ignored, ids are hex in any case, null is absent', () => {
  const record = recordOf(
    json(logs({ traceId: 'ABCDEF', spanId: null, body: null, future: { x: 1 }, flags: 1 })),
  );
  assert.equal(record.traceId, 'abcdef');
  assert.equal(record.spanId, '');
  assert.equal(record.body, null);
});

test('fields that OTLP has no more, or not yet, are skipped in every wire type', () => {
  const unknown = Buffer.concat([
    nest(0x22, Buffer.from('name')), // LogRecord.name (4), reserved since 1.0
    Buffer.from([0xc2, 0x3e, 0]), // 1000, where `deprecated_…` fields were
    Buffer.from([0xa0, 0x06, 0xff, 0xff, 0x03]), // 100, a varint
    Buffer.from([0xa5, 0x06, 1, 2, 3, 4]),
    Buffer.from([0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8]),
  ]);
  const record = Buffer.concat([unknown, nest(0x62, Buffer.from('known')), unknown]);
  const around = (tag: number, inner: Buffer): Buffer => {
    return Buffer.concat([unknown.subarray(6), nest(tag, inner), unknown.subarray(6)]);
  };
  const body = around(0x0a, around(0x12, around(0x12, record)));
  const exported = decodeExport('logs', 'protobuf', body);
  assert.equal(recordOf(exported).eventName, 'known');
  assert.doesNotMatch(String(toEvents(exported)[0]!.parts.otlp), /name"/);
});

test('a byte order mark and invalid UTF-8 do not stop a request', () => {
  assert.equal(json('\uFEFF{}').count, 0);
  const body = Buffer.from(JSON.stringify(logs({ body: { stringValue: 'x#y' } })));
  body[body.indexOf('#')] = 0xff;
  assert.equal(recordOf(decodeExport('logs', 'json', body)).body, 'x\uFFFDy');
  const wire = encodeLogsRequest([{ timeUnixNano: '1', body: 'x#y', attributes: {} }]);
  wire[wire.indexOf('#')] = 0xff;
  assert.equal(recordOf(decodeExport('logs', 'protobuf', wire)).body, 'x\uFFFDy');
  // A short text is looked up among those seen lately; what is invalid must not meet what is not.
  const short = (text: string): Buffer =>
    encodeLogsRequest([{ timeUnixNano: '1', body: text, attributes: {} }]);
  assert.equal(recordOf(decodeExport('logs', 'protobuf', short('é'))).body, 'é');
  const bad = short('#');
  bad[bad.indexOf('#')] = 0xe9;
  assert.equal(recordOf(decodeExport('logs', 'protobuf', bad)).body, '\uFFFD');
});

test('known members of a wrong type are malformed', () => {
  const wrong: unknown[] = [
    'not json',
    [],
    null,
    { resourceLogs: 5 },
    { resourceLogs: [null] },
    { resourceLogs: [{ scopeLogs: {} }] },
    logs('x'),
    logs({ timeUnixNano: -1 }),
    logs({ timeUnixNano: 1.5 }),
    logs({ timeUnixNano: '18446744073709551616' }),
    logs({ severityNumber: 'SEVERITY_NUMBER_INFO' }),
    logs({ eventName: 5 }),
    logs({ attributes: { key: 'a' } }),
    logs({ attributes: [{ key: 1 }] }),
    logs({ body: { intValue: '1.5' } }),
    logs({ body: { intValue: '9223372036854775808' } }),
    logs({ body: { bytesValue: '***' } }),
    logs({ body: { boolValue: 'true' } }),
    logs({ body: { arrayValue: { values: 3 } } }),
  ];
  for (const value of wrong) {
    assert.equal(
      code(() => json(value)),
      'OTLP_MALFORMED',
      JSON.stringify(value),
    );
  }
  assert.equal(
    code(() => json('[{'.repeat(200_000))),
    'OTLP_MALFORMED',
  );
});

test('every truncation of a request is malformed or a shorter request, never another error', () => {
  const attributes = {
    text: 'abc',
    n: -1,
    big: 2n ** 63n - 1n,
    list: [1.5, true],
    map: { a: null },
  };
  const log = { eventName: 'e', timeUnixNano: '5', body: new Uint8Array(3), attributes };
  const whole = encodeLogsRequest([log, log], { 'service.name': 'x' });
  for (let end = 1; end < whole.length; end++) {
    const cut = whole.subarray(0, end);
    assert.equal(
      code(() => decodeExport('logs', 'protobuf', cut)),
      'OTLP_MALFORMED',
    );
  }
});

test('garbage is refused as our own error', () => {
  const body = fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated());
  fc.assert(
    fc.property(body, fc.constantFrom(...SIGNALS), (bytes, signal) => {
      for (const encoding of ['protobuf', 'json'] as const) {
        assert.match(
          code(() => decodeExport(signal, encoding, bytes)),
          /^(none|OTLP_MALFORMED)$/,
        );
      }
    }),
    { numRuns: 1_000 },
  );
});

/** A valid request with a few bytes changed. */
function mutated(): fc.Arbitrary<Uint8Array> {
  const log = { eventName: 'e', timeUnixNano: '5', attributes: { a: [1.5], b: { c: 'x' } } };
  const whole = encodeLogsRequest([log], { r: true });
  return fc
    .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 })
    .map((edits) =>
      edits.reduce((bytes, [at, byte]) => bytes.with(at, byte), new Uint8Array(whole)),
    );
}

test('a varint of more than ten bytes and a field number 0 are malformed', () => {
  for (const bytes of [Buffer.alloc(12, 0xff), Buffer.from([0x02, 0x00]), Buffer.from([0x0b])]) {
    assert.equal(
      code(() => decodeExport('logs', 'protobuf', bytes)),
      'OTLP_MALFORMED',
    );
  }
});

test('limits: bytes, records and values on both sides', () => {
  const many = (count: number): Buffer =>
    encodeLogsRequest(Array.from({ length: count }, () => ({ timeUnixNano: '1', attributes: {} })));
  assert.equal(decodeExport('logs', 'protobuf', many(OTLP_RECORDS_MAX)).count, OTLP_RECORDS_MAX);
  const over = many(OTLP_RECORDS_MAX + 1);
  assert.equal(
    code(() => decodeExport('logs', 'protobuf', over)),
    'OTLP_TOO_MANY_RECORDS',
  );
  const spans = Array.from({ length: OTLP_RECORDS_MAX + 1 }, () => ({}));
  const request = { resourceSpans: [{ scopeSpans: [{ spans }] }] };
  assert.equal(
    code(() => json(request, 'traces')),
    'OTLP_TOO_MANY_RECORDS',
  );
  const large = Buffer.alloc(OTLP_BODY_BYTES_MAX + 1);
  assert.equal(
    code(() => decodeExport('logs', 'protobuf', large)),
    'OTLP_TOO_LARGE',
  );
  // `32 00`, an empty attribute, is two bytes on the wire and an object in memory.
  const wide = (count: number): Buffer => {
    const record = nest(0x12, Buffer.alloc(2 * count, Buffer.from([0x32, 0x00])));
    return nest(0x0a, nest(0x12, record));
  };
  const spare = 3; // the resource, the scope and the record count as well
  assert.equal(decodeExport('logs', 'protobuf', wide(OTLP_VALUES_MAX - spare)).count, 1);
  const tooWide = wide(OTLP_VALUES_MAX - spare + 1);
  assert.equal(
    code(() => decodeExport('logs', 'protobuf', tooWide)),
    'OTLP_TOO_LARGE',
  );
});

function nest(tag: number, inner: Buffer): Buffer {
  const prefix = [tag];
  let rest = inner.length;
  for (; rest > 0x7f; rest >>>= 7) prefix.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...prefix, rest]), inner]);
}
