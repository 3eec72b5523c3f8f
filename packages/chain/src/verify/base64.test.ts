import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBase64, encodeBase64, isHash } from './bytes.ts';

test('bytes and text are those of Node', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      const text = Buffer.from(bytes).toString('base64');
      assert.equal(encodeBase64(bytes), text);
      assert.deepEqual([...decodeBase64(text)!], [...bytes]);
      assert.equal(isHash(text), bytes.length === 32);
    }),
    { numRuns: 500, examples: [[new Uint8Array(32).fill(255)], [new Uint8Array(31)]] },
  );
});

test('there is one text for each byte string', () => {
  const unit = fc.constantFrom('A', 'B', 'Q', '/', '+', '=', '-', '_', ' ', '\n', 'é', '8', 'w');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 8 }), (text) => {
      const strict = Buffer.from(text, 'base64').toString('base64') === text;
      assert.equal(decodeBase64(text) !== undefined, strict, text);
    }),
    { numRuns: 5_000 },
  );
});

test('a hash has 44 characters and no spare bits', () => {
  const good = Buffer.alloc(32, 255).toString('base64');
  assert.ok(isHash(good));
  for (const bad of [
    `${good.slice(0, 42)}9=`,
    good.slice(0, 43),
    `${good}=`,
    good.replace('/', '_'),
  ]) {
    assert.ok(!isHash(bad), bad);
  }
});

test('long texts are read some at a time, and padding is only at their end', () => {
  for (const length of [49_151, 49_152, 49_153, 100_000]) {
    const bytes = Buffer.alloc(length, 'abc');
    assert.deepEqual(Buffer.from(decodeBase64(bytes.toString('base64'))!), bytes);
  }
  const padded = `${'A'.repeat(65_534)}==`;
  assert.ok(decodeBase64(padded));
  assert.equal(decodeBase64(`${padded}AAAA`), undefined);
});
