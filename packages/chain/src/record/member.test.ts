/** A member read out of canonical bytes is the one that the parsed record has. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Json, type JsonObject, readPath } from '@vitrine/schema';
import fc from 'fast-check';
import { parseCanonical } from './admit.ts';
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

function assertSame(bytes: Buffer, value: JsonObject, path: string[]): void {
  const framed = Buffer.concat([Buffer.from('{"a":'), bytes, Buffer.from(',"zz":1}')]);
  const start = '{"a":'.length;
  const found = readMember(framed, start, start + bytes.length, path);
  const expected = stepped(value, path);
  assert.deepEqual(found, expected, `${path} of ${bytes}`);
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

  it('is the same of any bytes that are admitted, and of many members', () => {
    const hostile = fc.constantFrom(...Buffer.from('"\\{}[],:-019nut\u0001 é'));
    const changes = fc.array(fc.tuple(fc.nat(), fc.boolean(), hostile), { maxLength: 2 });
    let admitted = 0;
    fc.assert(
      fc.property(record, changes, (value, changed) => {
        let bytes = canonicalBytes(value);
        for (const [at, isNew, byte] of changed) {
          const place = at % bytes.length;
          const rest = bytes.subarray(isNew ? place : place + 1);
          bytes = Buffer.concat([bytes.subarray(0, place), Buffer.from([byte]), rest]);
        }
        let parsed: JsonObject;
        try {
          parsed = parseCanonical(bytes);
        } catch {
          return;
        }
        if (changed.length > 0) admitted++;
        for (const path of pathsOf(parsed)) assertSame(bytes, parsed, path);
      }),
      { numRuns: 4_000 },
    );
    assert.ok(admitted > 200, `${admitted} were admitted`);
    const wide = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, { a: i }]));
    for (const path of pathsOf(wide)) assertSame(canonicalBytes(wide), wide, path);
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
