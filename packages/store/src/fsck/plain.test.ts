/** Whatever is called canonical at a glance is so to the strict reader, and means the same. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canonicalBytes, parseCanonicalText } from '@vitrine/chain';
import { JSON_DEPTH_MAX, type JsonObject } from '@vitrine/schema';
import fc from 'fast-check';
import { plainRecord } from './plain.ts';

const key = fc.stringMatching(/^[ -~]{0,3}$/).filter((text) => text !== '__proto__');
const { record } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.stringMatching(/^[ -~]{0,5}$/),
    fc.maxSafeInteger(),
    fc.integer({ min: -2_000, max: 2_000 }),
    fc.constantFrom(null, true, false, 0, 100, 1_000),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('record'),
  ),
  record: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
}));
const canonical = record.map((value) => canonicalBytes(value as JsonObject).toString('utf8'));

function strict(text: string): JsonObject | undefined {
  try {
    return parseCanonicalText(text);
  } catch {
    return undefined;
  }
}

describe('a text that is plainly a canonical record', () => {
  it('is one, whatever was changed of it', () => {
    const pieces = [' ', '0', '00', '1', 'e', 'E2', 'e1', '.0', '-', '"', ',', '"a":1,', '\\', '{'];
    const change = fc.record({
      at: fc.nat(),
      cut: fc.integer({ min: 0, max: 3 }),
      piece: fc.constantFrom('', ...pieces),
    });
    let taken = 0;
    const law = fc.property(canonical, fc.array(change, { maxLength: 3 }), (text, changes) => {
      let changed = text;
      for (const { at, cut, piece } of changes) {
        const place = at % (changed.length + 1);
        changed = changed.slice(0, place) + piece + changed.slice(place + cut);
      }
      const plain = plainRecord(changed);
      if (plain === undefined) return;
      taken++;
      assert.deepEqual(plain, strict(changed), changed);
    });
    fc.assert(law, { numRuns: 20_000 });
    assert.ok(taken > 2_000, `${taken} texts were taken`);
  });

  it('is none where the length alone would not tell', () => {
    const tricks = [
      '{"a":1e2}',
      '{"a":-1e2}',
      '{"a":1e3 }',
      '{"a":12e2}',
      '{"a":1.2e4,"b": 1}',
      '{"b":1,"10":2}',
      '{"b":1,"a":2}',
      '{"":1}',
      '{"a":"\\u0041"}',
      '{"a":-0}',
      '{"a":1.0}',
      '{"a":1,"a":1}',
      '{"a":9007199254740993}',
      '{"__proto__":1}',
      '[1]',
      '"a"',
      `${'{"a":'.repeat(JSON_DEPTH_MAX + 1)}1${'}'.repeat(JSON_DEPTH_MAX + 1)}`,
      '{"a":1}x',
      '',
    ];
    for (const text of tricks) assert.equal(plainRecord(text), undefined, text);
    for (const text of ['{}', '{"a":{}}', '{"a":[],"b":[1,"x",null,false,{"c":-7}]}']) {
      assert.deepEqual(plainRecord(text), JSON.parse(text));
      assert.notEqual(strict(text), undefined);
    }
  });
});
