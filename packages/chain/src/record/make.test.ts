import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RECORD_BYTES_MAX, RESERVED_FIELDS } from '@vitrine/schema';
import fc from 'fast-check';
import { ChainError } from '../error.ts';
import { leafHash, partCommitment, ZERO_HASH } from '../hash/node.ts';
import { admitRecord, parseCanonical } from './admit.ts';
import { type EventBody, linkRecord, makeRecord, type RecordPlace } from './make.ts';

const PLACE: RecordPlace = { session: 's1', shim: 'b1.guest', seq: 0, prev: ZERO_HASH };
const EVENT: EventBody = { kind: 'file.read', t: '1764000000000000000', fields: {} };
const SALT = Buffer.alloc(16, 9);
const salt = (): Buffer => SALT;

function codeOf(run: () => unknown): string {
  try {
    run();
    return 'accepted';
  } catch (error) {
    if (error instanceof ChainError) return error.code;
    throw error;
  }
}

test('a made record is admitted, whatever its fields', () => {
  const plain = { noNullPrototype: true };
  const name = fc.string({ unit: 'binary-ascii', maxLength: 6 });
  const key = name.filter((k) => k !== '__proto__' && !RESERVED_FIELDS.includes(k as 't'));
  const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.maxSafeInteger(), fc.boolean());
  const fields = fc.dictionary(key, fc.oneof(value, fc.dictionary(key, value, plain)), {
    ...plain,
    maxKeys: 8,
  });
  fc.assert(
    fc.property(fields, fc.nat(1000), (given, n) => {
      const prev = n === 0 ? ZERO_HASH : leafHash(Buffer.from(String(n)));
      const place = { ...PLACE, seq: n, prev };
      const made = makeRecord({ ...EVENT, fields: given, parts: { body: SALT } }, place, salt);
      const { record, leaf } = admitRecord({ chain: 's1/b1.guest', seq: n, prev }, made.bytes);
      const { kind, parts, prev: link, seq, session, shim, t, v, ...rest } = record;
      assert.deepEqual({ ...rest }, { ...given });
      assert.deepEqual(
        [kind, seq, session, shim, t, v],
        ['file.read', n, 's1', 'b1.guest', EVENT.t, 1],
      );
      assert.equal(link, prev.toString('base64'));
      assert.deepEqual({ ...parts }, { body: partCommitment(SALT, SALT).toString('base64') });
      assert.deepEqual(leaf, made.leaf);
      assert.deepEqual(leaf, leafHash(made.bytes));
    }),
    { numRuns: 500, examples: [[{}, 0]] },
  );
});

test('fields stand on every side of the reserved members', () => {
  const names = ['a', 'l', 'pb', 'pz', 'sf', 'sg', 'sz', 'u', 'w', 'Z', '~', 'vv', 'kind2'];
  const fields = Object.fromEntries(names.map((name, i) => [name, i]));
  const { bytes } = makeRecord({ ...EVENT, fields }, PLACE, salt);
  assert.deepEqual(Object.keys(parseCanonical(bytes)), [...names, ...RESERVED_FIELDS].sort());
});

test('two records do not share memory', () => {
  const first = makeRecord(EVENT, PLACE, salt);
  const before = first.bytes.toString();
  makeRecord({ ...EVENT, kind: 'other', fields: { x: 'y'.repeat(3000) } }, PLACE, salt);
  assert.equal(first.bytes.toString(), before);
});

test('reserved members cannot be set by a source', () => {
  for (const name of RESERVED_FIELDS) {
    const made = () => makeRecord({ ...EVENT, fields: { [name]: 'x' } }, PLACE, salt);
    assert.equal(codeOf(made), 'RECORD_INVALID', name);
  }
});

test('members that no record may have are refused', () => {
  const bad: [Partial<EventBody>, Partial<RecordPlace>][] = [
    [{ kind: 'File' }, {}],
    [{ kind: '' }, {}],
    [{ kind: 'a'.repeat(65) }, {}],
    [{ t: '01' }, {}],
    [{ t: '-1' }, {}],
    [{ t: '' }, {}],
    [{ parts: { No: SALT } }, {}],
    [{ parts: Object.fromEntries([['__proto__', SALT]]) }, {}],
    [{}, { session: 'a/b' }],
    [{}, { session: 'a'.repeat(129) }],
    [{}, { shim: '' }],
    [{}, { seq: -1 }],
    [{}, { seq: 1 }],
    [{}, { seq: 2 ** 53, prev: SALT }],
    [{}, { prev: Buffer.alloc(31) }],
    [{}, { prev: Buffer.alloc(32, 1) }],
  ];
  for (const [event, place] of bad) {
    const made = () => makeRecord({ ...EVENT, ...event }, { ...PLACE, ...place }, salt);
    assert.equal(codeOf(made), 'RECORD_INVALID', JSON.stringify([event, place]));
  }
  const parts = { body: SALT };
  const short = () => makeRecord({ ...EVENT, parts }, PLACE, () => Buffer.alloc(15));
  assert.equal(codeOf(short), 'RECORD_INVALID');
});

test('a record ends at RECORD_BYTES_MAX, and a longer one leaves nothing behind', () => {
  const empty = makeRecord({ ...EVENT, fields: { x: '' } }, PLACE, salt).bytes.length;
  const filled = (bytes: number) => () =>
    makeRecord({ ...EVENT, fields: { x: 'y'.repeat(bytes - empty) } }, PLACE, salt);
  assert.equal(filled(RECORD_BYTES_MAX)().bytes.length, RECORD_BYTES_MAX);
  assert.equal(codeOf(filled(RECORD_BYTES_MAX + 1)), 'RECORD_INVALID');
  assert.equal(codeOf(filled(50_000_000)), 'RECORD_INVALID');
  const many = { x: Array.from({ length: 500_000 }, () => 1) };
  assert.equal(
    codeOf(() => makeRecord({ ...EVENT, fields: many }, PLACE, salt)),
    'RECORD_INVALID',
  );
});

test('admission tells what is wrong', () => {
  const { bytes, leaf } = makeRecord(EVENT, PLACE, salt);
  const next = makeRecord(EVENT, { ...PLACE, seq: 1, prev: leaf }, salt).bytes;
  const admit = (chain: string, seq: number, prev: Buffer, record: Buffer): string =>
    codeOf(() => admitRecord({ chain, seq, prev }, record));
  assert.equal(admit('s1/b1.guest', 0, ZERO_HASH, bytes), 'accepted');
  assert.equal(admit('s1/b1.guest', 1, leaf, next), 'accepted');
  assert.equal(admit('s1/other', 0, ZERO_HASH, bytes), 'CHAIN_BROKEN');
  assert.equal(admit('s1/b1.guest', 1, leaf, bytes), 'CHAIN_BROKEN');
  assert.equal(admit('s1/b1.guest', 1, ZERO_HASH, next), 'CHAIN_BROKEN');
  assert.equal(admit('s1/b1.guest', 0, ZERO_HASH, Buffer.from('{')), 'RECORD_MALFORMED');
  assert.equal(admit('s1/b1.guest', 0, ZERO_HASH, Buffer.from('{}')), 'RECORD_INVALID');
  const spaced = Buffer.from(bytes.toString().replace(',', ', '));
  assert.equal(admit('s1/b1.guest', 0, ZERO_HASH, spaced), 'RECORD_NOT_CANONICAL');
});

test('every member of a record is checked at admission', () => {
  const good = parseCanonical(makeRecord({ ...EVENT, parts: { a: SALT } }, PLACE, salt).bytes);
  const bad: Record<string, unknown[]> = {
    kind: ['A', '', 1, null],
    parts: [[], null, { a: 'x' }, { A: good.prev }, { a: `${String(good.prev).slice(0, 42)}B=` }],
    prev: ['', 'AAAA', null, 0],
    seq: [-1, '0', null],
    session: ['a b', '', null],
    shim: ['a/b', 7],
    t: [0, '00', '1.5', ''],
    v: [2, '1', null],
  };
  for (const [name, values] of Object.entries(bad)) {
    for (const value of [...values, undefined]) {
      const changed = JSON.stringify({ ...good, [name]: value });
      const place = { chain: 's1/b1.guest', seq: 0, prev: ZERO_HASH };
      const code = codeOf(() => admitRecord(place, Buffer.from(changed)));
      assert.equal(code, 'RECORD_INVALID', `${name} ${JSON.stringify(value)}`);
    }
  }
});

test('records keep their bytes, however many are made behind them', () => {
  const sizes = Array.from({ length: 400 }, (_, i) => (i * 7_919) % 60_000);
  const events = sizes.map((size) => ({ ...EVENT, fields: { x: 'y'.repeat(size) } }));
  const made = events.map((event) => makeRecord(event, PLACE, salt));
  for (const [i, event] of events.entries()) {
    const place = { ...PLACE, prevText: PLACE.prev.toString('base64') };
    const { view, leafText } = linkRecord(event, place, salt);
    assert.ok(made[i]!.bytes.equals(view), `record ${i}`);
    assert.equal(made[i]!.leaf.toString('base64'), leafText);
  }
});

test('what could not become a record leaves nothing in the next one', () => {
  const before = makeRecord(EVENT, PLACE, salt).bytes.toString();
  assert.throws(() => makeRecord({ ...EVENT, fields: { x: 'y'.repeat(70_000) } }, PLACE, salt));
  assert.throws(() => makeRecord({ ...EVENT, fields: { x: 0.5 } }, PLACE, salt));
  assert.equal(makeRecord(EVENT, PLACE, salt).bytes.toString(), before);
});
