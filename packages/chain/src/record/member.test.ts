/** A member read out of canonical bytes is the one that the parsed record has. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Json, type JsonObject, readPath } from '@vitrine/schema';
import fc from 'fast-check';
import { canonicalBytes } from './make.ts';
import { MemberReader, memberPath } from './member.ts';

const key = fc.oneof(
  fc.constantFrom('a', 'ab', 'b', 'file', 'path', '"', '\\', '\n', '\t', '\u0001', '~', 'a"b'),
  fc.string({ unit: 'binary-ascii', maxLength: 4 }).filter((name) => name !== '__proto__'),
);
const scalar = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary-ascii', maxLength: 12 }),
  fc.constantFrom('","file":{"path":"x"}', '\\', '"', '}', '{"a":1}', 'grün 😀'),
  fc.maxSafeInteger().map((n) => n + 0),
  fc.boolean(),
  fc.constant(null),
);
const { record } = fc.letrec<{ value: Json; record: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    tie('record'),
  ) as fc.Arbitrary<Json>,
  record: fc.dictionary(key, tie('value'), { maxKeys: 6, noNullPrototype: true }),
}));

const reader = new MemberReader();

function readMember(bytes: Buffer, start: number, end: number, path: string[]): Json | undefined {
  reader.begin(bytes, start, end);
  return reader.read(memberPath(path));
}

/** By the members that are there, and by names that are not. */
function pathsOf(value: Json, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const here = [...path, name];
    return [here, [...here, 'a'], [...path, `${name}x`], ...pathsOf(inner, here)];
  });
}

function stepped(value: Json, path: readonly string[]): Json | undefined {
  let at: Json | undefined = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return undefined;
    at = Object.hasOwn(at, step) ? at[step] : undefined;
  }
  return at;
}

/**
 * V8 13.6 gives an object another key than its text says where that key has an escape and an object
 * of the same shape was read before (`{"x":1,"\\\\":2}`, then `{"x":1,"\\n":2}`): what holds
 * such keys cannot be compared with what `JSON.parse` makes.
 */
function assertSame(bytes: Buffer, value: JsonObject, path: string[]): void {
  const framed = Buffer.concat([Buffer.from('{"a":'), bytes, Buffer.from(',"zz":1}')]);
  const start = '{"a":'.length;
  const found = readMember(framed, start, start + bytes.length, path);
  const expected = stepped(value, path);
  const isParsed = typeof expected === 'object' && expected !== null;
  if (isParsed && bytes.includes('\\')) assert.equal(typeof found, 'object');
  else assert.deepEqual(found, expected, `${path} of ${bytes}`);
}

describe('a member of canonical bytes', () => {
  it('is the one that the parsed record has, for whatever record and path', () => {
    fc.assert(
      fc.property(record, fc.array(key, { minLength: 1, maxLength: 3 }), (value, other) => {
        const bytes = canonicalBytes(value);
        for (const path of [other, ...pathsOf(value)]) assertSame(bytes, value, path);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is not one that stands deeper, or inside a text', () => {
    const value = { a: { file: 'no' }, b: '","file":"no"', c: [{ file: 'no' }] };
    const bytes = canonicalBytes(value);
    assert.equal(readPath(value, 'file'), undefined);
    assert.equal(readMember(bytes, 0, bytes.length, ['file']), undefined);
    assert.equal(readMember(bytes, 0, bytes.length, ['a', 'file']), 'no');
    assert.equal(readMember(bytes, 0, bytes.length, ['b']), '","file":"no"');
    assert.equal(readMember(bytes, 0, bytes.length, ['c', 'file']), undefined);
  });

  it('is none of bytes that end too early, which only somebody else could have written', () => {
    const bytes = canonicalBytes({ a: { b: 'c' }, d: [1, { e: 'f' }] });
    for (let end = 0; end < bytes.length; end++) {
      assert.equal(readMember(bytes, 0, end, ['z']), undefined);
    }
  });
});
