/** The two ways to a record's text, byte by byte and through objects, say the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readRequest } from './decode.ts';
import { readLogRecord } from './log-record.ts';
import { OriginalWriter } from './original.ts';
import { type AttributeValue, encodeLogsRequest, type OutgoingLog } from './request.ts';
import { logRecordText } from './text.ts';
import { WireReader } from './wire.ts';

function assertSame(body: Uint8Array): void {
  const apart = readRequest(new WireReader(body), (reader) => readLogRecord(reader));
  const writer = new OriginalWriter();
  const copied = readRequest(new WireReader(body), (reader) => readLogRecord(reader, writer));
  const texts = copied.flatMap(({ items }) =>
    items.map(({ original }) => {
      const { chunk, start, end } = original!;
      return chunk.toString('utf8', start, end);
    }),
  );
  const expected = apart.flatMap(({ items }) => items.map((record) => logRecordText(record)));
  assert.deepEqual(texts, expected);
  for (const text of texts) JSON.parse(text);
}

/** A record of Claude Code is copied after it was taken apart, and without what became a part. */
function assertSameAgain(body: Uint8Array, pick: number): void {
  const writer = new OriginalWriter();
  const groups = readRequest(new WireReader(body), (reader) => readLogRecord(reader, writer));
  for (const record of groups.flatMap(({ items }) => items)) {
    const places = record.attributes.map((_, i) => i).filter((i) => (pick >> i) & 1);
    const moved = new Map(places.map((i) => [i, `part.${i}`]));
    const { chunk, start, end } = writer.rewrite(record, record.source!, moved);
    assert.equal(chunk.toString('utf8', start, end), logRecordText(record, moved));
  }
}

const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.nat(300).map((length) => 'x'.repeat(length)),
);
const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    text,
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.constantFrom(0, 9, 10, 127, 128, 2 ** 28 - 1, 2 ** 28, -1, 2n ** 63n - 1n, null),
    fc.double({ noInteger: true }),
    fc.uint8Array(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { noNullPrototype: true, maxKeys: 3 }),
  ),
}));
const log = fc.record(
  {
    eventName: text.map((name) => `no.kind ${name}`),
    timeUnixNano: fc.bigInt(0n, 2n ** 64n - 1n).map(String),
    observedTimeUnixNano: fc.bigInt(0n, 2n ** 64n - 1n).map(String),
    body: fc.oneof(text, fc.uint8Array()),
    attributes: fc.dictionary(text, value, { noNullPrototype: true }),
  },
  { requiredKeys: ['timeUnixNano', 'attributes'] },
) as fc.Arbitrary<OutgoingLog>;

test('any record', () => {
  fc.assert(
    fc.property(fc.array(log, { minLength: 1, maxLength: 5 }), (logs) => {
      assertSame(encodeLogsRequest(logs));
    }),
    { numRuns: 500 },
  );
});

test('any record of Claude Code, with any of its values elsewhere', () => {
  fc.assert(
    fc.property(fc.array(log, { minLength: 1, maxLength: 5 }), fc.nat(), (logs, pick) => {
      const named = logs.map((one) => ({ ...one, eventName: 'claude_code.x' }));
      assertSameAgain(encodeLogsRequest(named), pick);
    }),
    { numRuns: 500 },
  );
});

test('a record that outgrows its chunk, and those before and behind it', () => {
  const large = { a: 'x'.repeat(200_000), b: 'y'.repeat(150_000), c: '\u0001'.repeat(100_000) };
  const logs = [{ k: 1 }, large, { k: 2 }, large, { k: 3 }].map((attributes) => {
    return { timeUnixNano: '1', attributes };
  });
  assertSame(encodeLogsRequest(logs));
});

function message(tag: number, ...fields: number[][]): number[] {
  const inner = fields.flat();
  return [tag, inner.length, ...inner];
}
const KEY = message(0x0a, [...Buffer.from('k')]);
const TEXT = message(0x0a, [...Buffer.from('v')]);

test('fields in an unusual order, doubled, missing or unknown', () => {
  const attributes = [
    message(0x32, message(0x12, TEXT), KEY),
    message(0x32, KEY),
    message(0x32, KEY, message(0x12)),
    message(0x32),
    message(0x32, KEY, KEY, message(0x12, TEXT)),
    message(0x32, KEY, message(0x12, TEXT), message(0x12, [0x10, 1])),
    message(0x32, KEY, message(0x12, TEXT, [0x18, 5])),
    message(0x32, KEY, message(0x12, [0x10, 2])),
    message(0x32, KEY, message(0x12, [0x10, 0x80, 0])),
    message(0x32, KEY, message(0x12, [0x18, 0x80, 0x80, 0])),
    message(0x32, KEY, message(0x12, [0x0a, 0x81, 0x00, 0x61])),
    message(0x32, KEY, message(0x12, message(0x0a, [0xff]))),
    message(0x32, KEY, message(0x12, TEXT), [0x18, 7]),
    message(0x32, message(0x0a, [0x0a, 0xff]), message(0x12, TEXT)),
  ];
  const bodies = [message(0x2a), message(0x2a, TEXT), message(0x2a, TEXT, [0x10, 1])];
  const ids = [message(0x4a, [1, 171, 255]), message(0x52), message(0x4a)];
  const scalars = [[0x10, 9], [0x38, 3], [0x45, 1, 0, 0, 0], message(0x1a, [0x22]), [0x78, 1]];
  const fields = [...attributes, ...bodies, ...ids, ...scalars];
  for (const field of fields) assertSame(Uint8Array.from(wrapped(field)));
  fc.assert(
    fc.property(fc.shuffledSubarray(fields), (some) => {
      assertSame(Uint8Array.from(wrapped(some.flat())));
    }),
    { numRuns: 200 },
  );
});

function wrapped(record: number[]): number[] {
  const nest = (inner: number[], tag: number): number[] => {
    return [tag, (inner.length & 0x7f) | 0x80, inner.length >> 7, ...inner];
  };
  return nest(nest(nest(record, 0x12), 0x12), 0x0a);
}
