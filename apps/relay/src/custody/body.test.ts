/**
 * What an intake makes of an event that came straight from the wire is byte for byte what it makes
 * of one that was taken apart, the session it names and the number of its shim included.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventBody, makeRecord, ZERO_HASH } from '@vitrine/chain';
import {
  type AttributeValue,
  decodeExport,
  encodeLogsRequest,
  OTLP_NAME_CHARS_MAX,
  type SandboxEvent,
  toEvents,
} from '@vitrine/schema';
import fc from 'fast-check';

const SHIM = { 'vitrine.shim.name': 'strace' };
const place = { session: 's', shim: 'in', seq: 0, prev: ZERO_HASH };
const salt = (): Buffer => Buffer.alloc(16, 7);

function madeOf(event: SandboxEvent) {
  const body = eventBody(event, '1764000000000000009');
  const { bytes, leaf, parts } = makeRecord(body, place, salt);
  const { shim, seq } = event.fields.source as Record<string, unknown>;
  return { bytes: bytes.toString(), leaf, parts, kind: body.kind, t: body.t, shim, seq };
}

/** How many went the direct way. */
function compare(attributes: Record<string, AttributeValue>, resource: Record<string, string>) {
  const log = { eventName: 'file.read', timeUnixNano: '0', attributes };
  const body = encodeLogsRequest([log, log], resource);
  const direct = toEvents(decodeExport('logs', 'protobuf', body, { direct: 'relayed' }));
  const plain = toEvents(decodeExport('logs', 'protobuf', body));
  const count = direct.filter(({ text }) => text !== undefined).length;
  assert.deepEqual(direct.map(madeOf), plain.map(madeOf));
  return count;
}

const value = fc.oneof(
  { arbitrary: fc.string({ maxLength: 6 }), weight: 4 },
  fc.constantFrom('same', '', 'x'.repeat(OTLP_NAME_CHARS_MAX), 'x'.repeat(OTLP_NAME_CHARS_MAX + 1)),
  fc.nat(),
  fc.boolean(),
);
const name = fc.constantFrom(
  ...['session.id', 'conversation.id', 'gen_ai.conversation.id', 'service.instance.id'],
  ...['agent', 'agent.id', 'agent.session', 'source.session', 'source.seq', 'vitrine.shim.seq'],
  ...['file.path', 'event.sequence', 'vitrine.part.input', 'zone', 'a'],
);
const attributes = fc.dictionary(name, value, { maxKeys: 6, noNullPrototype: true });

describe('an event of an intake', () => {
  it('becomes the same record straight from the wire', () => {
    const resource = fc.constantFrom<Record<string, string>>(
      SHIM,
      { ...SHIM, 'session.id': 'of-the-resource' },
      {},
    );
    let direct = 0;
    const check = (said: Record<string, AttributeValue>, of: Record<string, string>): void => {
      direct += compare(said, of);
    };
    fc.assert(fc.property(attributes, resource, check), { numRuns: 800 });
    assert.ok(direct > 100, `${direct} went the direct way`);
  });

  it('keeps the session it names, where that is not taken', () => {
    const named = { 'session.id': 's1', 'vitrine.shim.seq': 7, 'agent.id': 'main' };
    assert.equal(compare(named, SHIM), 2);
    assert.equal(compare({ ...named, 'session.id': 'x'.repeat(OTLP_NAME_CHARS_MAX) }, SHIM), 2);
    assert.equal(compare({ ...named, 'session.id': 'x'.repeat(OTLP_NAME_CHARS_MAX + 1) }, SHIM), 0);
    assert.equal(compare({ ...named, 'agent.session': 'other' }, SHIM), 0);
    assert.equal(compare(named, { ...SHIM, 'session.id': 's2' }), 0);
  });
});
