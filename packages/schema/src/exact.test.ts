/** A name is what its text says, whatever was read before. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { exactJson } from './exact.ts';
import type { Json } from './json.ts';

/** Written by somebody who wants the name behind it to be taken for his. */
const PAIRS = [
  ['\\', '\n'],
  ['say \\"h', 'say "hi'],
  ['a\\n', 'a\nb'],
  ['\\u', '\u0001b'],
] as const;

describe('JSON out of strange texts', () => {
  it('has the names of its own text, whatever was read before', () => {
    for (const [poison, name] of PAIRS) {
      for (let i = 0; i < 3; i++) JSON.parse(JSON.stringify({ x: 1, [poison]: 2 }));
      const text = JSON.stringify({ x: 1, [name]: [{ x: 1, [name]: 'a\u007f"\\n\n' }] });
      assert.equal(JSON.stringify(exactJson(text)), text);
    }
  });

  it('is the value that was written, for whatever value', () => {
    const unit = fc.constantFrom(
      '\\',
      '"',
      '\n',
      'n',
      'u',
      '0',
      '\u007f',
      '\u0001',
      'é',
      '😀',
      '\ud800',
    );
    const text = fc.string({ unit, maxLength: 6 });
    const { value } = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        text,
        fc.integer().map((n) => n + 0),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ) as fc.Arbitrary<Json>,
    }));
    fc.assert(
      fc.property(value, (made) => {
        assert.deepEqual(exactJson(JSON.stringify(made)), made);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is refused as `JSON.parse` refuses it, and as deep as that goes', () => {
    for (const text of ['', '{"a":1,}', '{"\\x":1}', '{"\\u00g0":1}', '{"a\n":1}']) {
      assert.throws(() => exactJson(text), SyntaxError);
    }
    assert.ok(Array.isArray(exactJson(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)));
  });
});
