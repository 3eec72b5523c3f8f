import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JSON_DEPTH_MAX, type Json, type JsonObject, RECORD_INTEGER_MAX } from '@vitrine/schema';
import fc from 'fast-check';
import { ChainError } from '../error.ts';
import { parseCanonical } from './admit.ts';
import { canonicalBytes } from './make.ts';

/** RFC 8785 by the book: the keys of every object sorted, all else as ECMAScript serialises it. */
function textOf(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${textOf(value[key]!)}`).join(',')}}`;
}

const key = fc.string({ unit: 'binary-ascii', maxLength: 8 }).filter((k) => k !== '__proto__');
const leaf = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
);
const tree = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 6, noNullPrototype: true }),
  ) as fc.Arbitrary<Json>,
}));
const object = fc.dictionary(key, tree.value, { maxKeys: 8, noNullPrototype: true });

function refuses(value: unknown, code = 'RECORD_INVALID'): void {
  assert.throws(
    () => canonicalBytes(value as JsonObject),
    (error) => error instanceof ChainError && error.code === code,
  );
}

test('canonical bytes are what RFC 8785 says', () => {
  fc.assert(
    fc.property(object, (value) => {
      assert.equal(canonicalBytes(value).toString(), textOf(value));
    }),
    { numRuns: 500 },
  );
});

test('keys are in their order however many there are', () => {
  fc.assert(
    fc.property(
      fc.dictionary(key, fc.boolean(), { maxKeys: 60, noNullPrototype: true }),
      (value) => {
        assert.equal(canonicalBytes(value).toString(), textOf(value));
      },
    ),
  );
  for (const count of [23, 24, 25, 26]) {
    const falling = Array.from({ length: count }, (_, i) => [`k${99 - i}`, i]);
    const value = Object.fromEntries(falling);
    assert.equal(canonicalBytes(value).toString(), textOf(value));
  }
});

test('what was written is read again as the same value', () => {
  fc.assert(
    fc.property(object, (value) => {
      assert.deepEqual(parseCanonical(canonicalBytes(value)), value);
    }),
    { numRuns: 500 },
  );
});

test('keys that look like array indices are sorted as text', () => {
  assert.equal(
    canonicalBytes({ 9: 1, 10: 2, a: 3, '!': 4 }).toString(),
    '{"!":4,"10":2,"9":1,"a":3}',
  );
});

test('strings are escaped as RFC 8785 §3.2.2.2 says', () => {
  const text = '\u0000\b\t\n\u000b\f\r\u001f"\\/\u007f\u2028é€😀';
  const expected = '"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\\"\\\\/\u007f\u2028é€😀"';
  assert.equal(canonicalBytes({ text }).toString(), `{"text":${expected}}`);
});

test('integers go up to 2^53 - 1 on both sides', () => {
  for (const n of [0, -0, RECORD_INTEGER_MAX, -RECORD_INTEGER_MAX]) {
    assert.equal(canonicalBytes({ n }).toString(), `{"n":${n === 0 ? 0 : n}}`);
  }
  for (const n of [2 ** 53, -(2 ** 53), 0.5, Number.NaN, Number.POSITIVE_INFINITY]) refuses({ n });
});

test('nesting ends at JSON_DEPTH_MAX', () => {
  const nested = (depth: number): Json => (depth === 1 ? {} : { a: nested(depth - 1) });
  assert.equal(
    canonicalBytes(nested(JSON_DEPTH_MAX) as JsonObject).length,
    15 * '{"a":}'.length + 2,
  );
  refuses(nested(JSON_DEPTH_MAX + 1));
  assert.ok(canonicalBytes({ a: [[[[[[[[[[[[[[[1]]]]]]]]]]]]]]] }).length > 0);
  refuses({ a: [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]] });
});

test('what means something else elsewhere is refused', () => {
  refuses({ é: 1 });
  refuses(JSON.parse('{"__proto__":1}'));
  refuses({ a: '\ud800' });
  refuses({ a: 'x\udc00y' });
  refuses({ a: undefined });
  refuses({ a: 1n });
  refuses({ a: () => 1 });
});
