/** What the shortcuts of the writer say is what the plain ways say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RowBinary } from './row-binary.ts';

test('decimal text becomes the same eight bytes as its bigint', () => {
  const check = (value: bigint): void => {
    const [short, plain] = [new RowBinary(0), new RowBinary(0)];
    assert.deepEqual(short.int64Text(String(value)).done(), plain.int64(value).done());
  };
  for (const value of [0n, 1n, 999_999_999n, 10n ** 9n, 2n ** 32n, 2n ** 63n - 1n]) check(value);
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), check));
});

test('text has its length before it, whatever its characters are', () => {
  const check = (value: string): void => {
    const bytes = Buffer.from(value);
    const expected = new RowBinary(0).bytes(bytes).done();
    assert.deepEqual(new RowBinary(0).text(value).done(), expected);
  };
  for (const length of [0, 1, 127, 128]) for (const one of ['a', 'é']) check(one.repeat(length));
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), check));
});
