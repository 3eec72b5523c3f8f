/**
 * Records made straight from the wire are byte for byte those that are made by way of objects, and
 * so are their parts, their columns and what they say of their session.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeRecord, ZERO_HASH } from '@vitrine/chain';
import {
  type AttributeValue,
  decodeExport,
  EVENT_KINDS,
  encodeLogsRequest,
  eventColumns,
  FIELD_CHARS_MAX,
  type OutgoingLog,
  type SandboxEvent,
  toEvents,
} from '@vitrine/schema';
import fc from 'fast-check';

const SHIM = { 'vitrine.shim.name': 'strace' };
const place = { session: 's', shim: 'in', seq: 0, prev: ZERO_HASH };
const salt = (): Buffer => Buffer.alloc(16, 7);

function eventsOf(body: Buffer, direct: boolean): SandboxEvent[] {
  return toEvents(decodeExport('logs', 'protobuf', body, { direct }));
}

/** All that the sequencer makes of an event. */
function madeOf(event: SandboxEvent) {
  const { kind, t, session, sequence, fields } = event;
  const { bytes, leaf, parts } = makeRecord(event, place, salt);
  const columns = event.columns ?? eventColumns(fields, kind);
  return { bytes: bytes.toString(), leaf, parts, columns, kind, t, session, sequence };
}

/** How many went the direct way. */
function compare(body: Buffer): number {
  const [direct, plain] = [eventsOf(body, true), eventsOf(body, false)];
  assert.deepEqual(direct.map(madeOf), plain.map(madeOf));
  assert.ok(plain.every(({ text }) => text === undefined));
  return direct.filter(({ text }) => text !== undefined).length;
}

function log(attributes: Record<string, AttributeValue>, more: Partial<OutgoingLog> = {}) {
  return { eventName: 'file.read', timeUnixNano: '1764000000000000001', attributes, ...more };
}

const text = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const value = fc.oneof(
  { arbitrary: text, weight: 6 },
  fc.integer({ min: 0 }),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.boolean(),
  fc.double(),
  fc.constant(null),
  fc.array(text, { maxLength: 2 }),
  fc.uint8Array({ maxLength: 4 }),
);
const step = fc.constantFrom('file', 'path', 'errno', 'agent', 'id', 'zone', 'a', 'w', '__proto__');
const name = fc.oneof(
  fc.array(step, { minLength: 1, maxLength: 3 }).map((steps) => steps.join('.')),
  fc.constantFrom(
    ...['session.id', 'conversation.id', 'event.sequence', 'event.name', 'vitrine.shim.seq'],
    ...['vitrine.part.input', 'vitrine.part.otlp', 'source.shim', 'source.note', 'source.seq'],
    ...['kind', 'seq', 't.x', 'tool.name', 'http.method', 'http.path', 'decision.value'],
    ...['file.real_path', 'file.errno.constructor', 'classifier.verdict', '@@1@@', 'x"\\y', ''],
  ),
  fc.string({ unit: 'binary-ascii', maxLength: 5 }),
);
const attributes = fc.dictionary(name, value, { maxKeys: 8, noNullPrototype: true });
const kinds = [...EVENT_KINDS, 'not.ours'];
const record = fc.record({ attributes, eventName: fc.constantFrom(...kinds) }).map((one) => {
  return log(one.attributes, { eventName: one.eventName });
});

describe('a record made straight from the wire', () => {
  it('is the one that is made by way of objects, whatever its attributes are', () => {
    const batch = fc.array(record, { minLength: 1, maxLength: 4 });
    const resource = fc.constantFrom<Record<string, string>>(
      SHIM,
      { ...SHIM, 'session.id': 'of-the-resource' },
      {},
    );
    let direct = 0;
    const check = (logs: OutgoingLog[], of: Record<string, string>): void => {
      direct += compare(encodeLogsRequest(logs, of));
    };
    fc.assert(fc.property(batch, resource, check), { numRuns: 1_500 });
    assert.ok(direct > 100, `${direct} went the direct way`);
  });

  it('has the same escapes and numbers', () => {
    const ascii = String.fromCharCode(...Array.from({ length: 128 }, (_, i) => i));
    const numbers = [0, 9, 10, 127, 128, 2 ** 28, 2 ** 32, 2 ** 53 - 1];
    const some = Object.fromEntries(numbers.map((number, i) => [`n.${i}`, number]));
    const body = encodeLogsRequest([log({ ...some, text: ascii, yes: true, no: false })], SHIM);
    assert.equal(compare(body), 1);
  });

  it('is as long as any may be, and no longer', () => {
    const whole = { 'file.path': 'x'.repeat(FIELD_CHARS_MAX) };
    assert.equal(compare(encodeLogsRequest([log(whole)], SHIM)), 1);
    const over = { 'file.path': 'x'.repeat(FIELD_CHARS_MAX + 1) };
    assert.equal(compare(encodeLogsRequest([log(over)], SHIM)), 0);
    const many = Array.from({ length: 14 }, (_, i) => [`a.${i}`, '\u0001'.repeat(4_000)]);
    assert.equal(compare(encodeLogsRequest([log(Object.fromEntries(many))], SHIM)), 0);
  });

  it('is of the shim that its resource names, wherever the resource stands', () => {
    const one = encodeLogsRequest([log({ 'file.path': '/a' })], SHIM);
    const other = encodeLogsRequest([log({ 'file.path': '/a' })], {});
    assert.equal(compare(Buffer.concat([one, other])), 1);
    // ResourceLogs{scope_logs, resource}: the same two fields in the other order.
    const length = one[1]!;
    assert.ok(length < 0x80, 'one byte of length');
    const resourceEnd = 4 + one[3]!;
    const turned = Buffer.concat([
      one.subarray(0, 2),
      one.subarray(resourceEnd),
      one.subarray(2, resourceEnd),
    ]);
    assert.equal(compare(turned), 0);
    assert.deepEqual(eventsOf(turned, true), eventsOf(one, false));
  });

  it('has its whole text, however many bytes the name of its shim takes', () => {
    const logs = Array.from({ length: 1_500 }, (_, n) => log({ n }));
    for (const character of ['\u0001', '€']) {
      const shim = { 'vitrine.shim.name': character.repeat(250) };
      const [direct, plain] = [true, false].map((on) =>
        eventsOf(encodeLogsRequest(logs, shim), on),
      );
      assert.ok(direct!.every(({ text }) => text !== undefined));
      for (const [n, event] of direct!.entries()) {
        // What the record before has left behind must not be taken for its text.
        madeOf({ kind: 'other', t: '1', fields: { of: 'another'.repeat(500) }, parts: {} });
        assert.deepEqual(madeOf(event), madeOf(plain![n]!));
      }
    }
  });

  it('is still right when hostile names have filled the table, and soon usual again', () => {
    const hostile = Array.from({ length: 6_000 }, (_, i) => log({ [`h${i}`]: 1, [`i${i}`]: 2 }));
    // To learn names costs as much as many records do: a sender of new ones is not taught each.
    const learnt = compare(encodeLogsRequest(hostile, SHIM));
    assert.ok(learnt < 1_000, `the names of ${learnt} records were learnt`);
    const usual = Array.from({ length: 100 }, () => log({ 'file.path': '/a' }));
    assert.ok(compare(encodeLogsRequest(usual, SHIM)) > 60);
    assert.equal(compare(encodeLogsRequest(usual, SHIM)), 100);
  });

  it('keeps a part that is no UTF-8 as text has it', () => {
    const part = 'part-0123456789';
    const body = encodeLogsRequest([log({ 'vitrine.part.input': part })], SHIM);
    assert.equal(compare(body), 1);
    const broken = Buffer.from(body);
    broken[broken.indexOf(part)] = 0xff;
    assert.equal(compare(broken), 1);
    const { input } = eventsOf(broken, true)[0]!.parts;
    assert.equal(String(input), '\uFFFDart-0123456789');
  });
});
