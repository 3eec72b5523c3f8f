/** Over the SDK an event says what its log record says: the encoder of the shims is the oracle. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AttributeValue, OTLP_VALUE_DEPTH_MAX } from '@vitrine/schema';
import fc from 'fast-check';
import { nowNanos } from '../send/event.ts';
import { Outbox } from '../send/outbox.ts';
import { Intake } from '../send/post.ts';
import { StageIntake } from '../stage/intake.ts';
import { attributeBytes, spanAttributes } from './attributes.ts';
import { Reporter } from './reporter.ts';

const COUNT = 150;
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('\ud800', 'a\udc00b', '\u0000', 'x'.repeat(5_000), '漢'.repeat(3_000)),
);
const key = fc.oneof(
  fc.constantFrom('tool.name', 'tool.input.path', 'a', 'a.b', 'kind', 'ü'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
);
const bytes = fc.uint8Array({ maxLength: 40 }).map((data) => Uint8Array.from(data));
const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    text,
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    fc.double().filter((n) => !Number.isInteger(n)),
    fc.constant(null),
    bytes,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ) as fc.Arbitrary<AttributeValue>,
}));
const attributes = fc
  .tuple(
    fc.dictionary(key, value, { maxKeys: 6, noNullPrototype: true }),
    fc.option(fc.record({ 'vitrine.part.body': fc.oneof(text, bytes) }), { nil: {} }),
  )
  .map(([own, part]): Record<string, AttributeValue> => ({ ...own, ...part }));

test('an event over the SDK has the members and parts that its log record has', async () => {
  const intake = await new StageIntake().start();
  const endpoint = { url: `unix://${intake.socket}`, secure: false };
  const reporter = await Reporter.start({ endpoint, shim: 'x', log: () => {} });
  const post = new Intake(intake.socket);
  const outbox = new Outbox({ shim: 'x', post: (b) => post.post(b), waitMs: 0, log: () => {} });
  const events = fc
    .sample(attributes, COUNT)
    .map((given) => ({ kind: 'tool.call', t: nowNanos(), attributes: given }));
  await Promise.all(events.map((event) => outbox.add(event)));
  const logged = intake.events.splice(0);
  await Promise.all(events.map((event) => reporter.add(event)));
  const spans = intake.events.splice(0);
  await Promise.all([reporter.close(0), outbox.close(0)]);
  post.close();
  await intake.end();
  assert.equal(spans.length, COUNT);
  for (const [i, { fields, parts, ...rest }] of spans.entries()) {
    const log = logged[i]!;
    const { trace: _, span: __, source, ...members } = fields;
    const { source: logSource, ...logMembers } = log.fields;
    assert.deepEqual(members, logMembers);
    assert.deepEqual([rest.kind, rest.t], [log.kind, log.t]);
    // The original is a span or a log record, from different libraries: the rest is the same.
    const { otlp, ...own } = parts;
    const { otlp: logOtlp, ...logOwn } = log.parts;
    assert.deepEqual(own, logOwn);
    assert.equal(otlp === undefined, logOtlp === undefined);
    if (otlp === undefined) assert.deepEqual(source, logSource);
  }
});

test('values are nested so deep and no deeper', () => {
  const nested = (depth: number): AttributeValue => (depth === 1 ? 'x' : [nested(depth - 1)]);
  assert.ok(spanAttributes({ a: nested(OTLP_VALUE_DEPTH_MAX) }).a);
  const deeper = { a: nested(OTLP_VALUE_DEPTH_MAX + 1) };
  assert.throws(() => spanAttributes(deeper), { code: 'SEND_REFUSED' });
});

test('what an event takes is counted with all that is inside', () => {
  const body = new Uint8Array(100);
  assert.equal(attributeBytes({ ab: 'x'.repeat(50), c: [body, body] }), 2 + 50 + 1 + 2 + 200);
});
