import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JSON_DEPTH_MAX, RECORD_BYTES_MAX } from '@vitrine/schema';
import fc from 'fast-check';
import { ChainError } from '../error.ts';
import { parseCanonical } from '../record/admit.ts';
import { canonicalBytes } from '../record/make.ts';

function codeOf(text: string | Uint8Array): string {
  try {
    parseCanonical(typeof text === 'string' ? Buffer.from(text) : text);
    return 'accepted';
  } catch (error) {
    if (error instanceof ChainError) return error.code;
    throw error;
  }
}

const MALFORMED = [
  '',
  ' ',
  '{',
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '{"a":1}}',
  '{a:1}',
  "{'a':1}",
  '{"a":1,"a":1}',
  '{"b":1,"a":1,"b":1}',
  '{"__proto__":1,"__proto__":1}',
  '{"a":1.0}',
  '{"a":1e0}',
  '{"a":1E2}',
  '{"a":-0}',
  '{"a":01}',
  '{"a":+1}',
  '{"a":.5}',
  '{"a":-}',
  '{"a":NaN}',
  '{"a":tru}',
  '{"a":"\n"}',
  '{"a":"\\x"}',
  '{"a":"\\u12"}',
  '{"a":"\\u00g0"}',
  '{"a":"b}',
  '{"a":"b\\"}',
  '[1',
  '\ufeff{}',
  '{"a":1}\u0000',
];
const NOT_CANONICAL = [
  ' {}',
  '{} ',
  '{ }',
  '{"a": 1}',
  '{"a":1,\n"b":2}',
  '{"b":1,"a":2}',
  '{"a":"\\u0061"}',
  '{"a":"\\/"}',
  '{"a":"\\u000A"}',
  '{"a":"\\u000a"}',
  '{"a":"\\u001F"}',
  '{"a":"\\ud83d\\ude00"}',
  '{"\\u0061":1}',
];
const INVALID = [
  '[]',
  '1',
  'null',
  '"a"',
  '{"a":9007199254740992}',
  '{"a":-9007199254740992}',
  '{"é":1}',
  ' {"é":1}',
  '{"a":"\\ud800"}',
  '{"__proto__":1}',
  `{"a":${'['.repeat(JSON_DEPTH_MAX)}${']'.repeat(JSON_DEPTH_MAX)}}`,
  `{"a":${'['.repeat(60_000)}`,
];

for (const [code, texts] of [
  ['RECORD_MALFORMED', MALFORMED],
  ['RECORD_NOT_CANONICAL', NOT_CANONICAL],
  ['RECORD_INVALID', INVALID],
] as const) {
  for (const text of texts) {
    test(`${JSON.stringify(text.slice(0, 40))} is ${code}`, () => assert.equal(codeOf(text), code));
  }
}

test('bytes that are no UTF-8 are malformed', () => {
  assert.equal(codeOf(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), 'RECORD_MALFORMED');
  assert.equal(codeOf(Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d])), 'RECORD_MALFORMED');
});

test('a record ends at RECORD_BYTES_MAX', () => {
  const filled = (bytes: number): string => `{"a":"${'x'.repeat(bytes - 8)}"}`;
  assert.equal(codeOf(filled(RECORD_BYTES_MAX)), 'accepted');
  assert.equal(codeOf(filled(RECORD_BYTES_MAX + 1)), 'RECORD_INVALID');
});

test('members named like those of Object.prototype are members', () => {
  const text = '{"constructor":{"toString":1},"hasOwnProperty":2,"toJSON":3}';
  assert.equal(canonicalBytes(parseCanonical(Buffer.from(text))).toString(), text);
});

test('whatever is accepted is the one canonical text of its value', () => {
  const piece = fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"b"', '1', '-1', '0', 'null');
  const more = fc.constantFrom('"\\n"', '"\\u0001"', '"é"', ' ', '"', '\\', '1.5', 'true', '"__"');
  const text = fc.array(fc.oneof(piece, more), { maxLength: 14 }).map((p) => `{${p.join('')}}`);
  let accepted = 0;
  fc.assert(
    fc.property(text, (candidate) => {
      if (codeOf(candidate) !== 'accepted') return;
      accepted++;
      const value = parseCanonical(Buffer.from(candidate));
      assert.deepEqual(value, JSON.parse(candidate));
      assert.equal(canonicalBytes(value).toString(), candidate);
    }),
    { numRuns: 3_000, examples: [['{"a":1,"b":"\\n"}']] },
  );
  assert.ok(accepted > 0);
});

test('keys that are integers stand in the order of their text, not in that of the engine', () => {
  for (const text of ['{"10":1,"9":{"1":[],"02":{}}}', '{"":1,"a":2}']) {
    const sorted = text.replace('"1":[],"02":{}', '"02":{},"1":[]');
    assert.equal(canonicalBytes(parseCanonical(Buffer.from(sorted))).toString(), sorted);
  }
  for (const text of ['{"9":1,"10":2}', '{"a":{"1":[],"02":{}}}']) {
    assert.equal(codeOf(text), 'RECORD_NOT_CANONICAL');
  }
});

test('a name with an escape is its own, whatever names were read before', () => {
  const names = ['\\', '\n', '"', '\t', '\\\\', '\\n', 'n', '\u0001', 'a"b', '7'];
  const records = names.map((name) => ({ x: 1, y: { [name]: [{ [name]: 2 }] } }));
  // Twice: the engine expects the names that it has seen.
  for (const record of [...records, ...records.reverse()]) {
    const bytes = canonicalBytes(record);
    assert.deepEqual(parseCanonical(bytes), record, bytes.toString());
  }
  assert.equal(codeOf('{"\\n":1,"\\u0000":2}'), 'RECORD_NOT_CANONICAL');
  assert.equal(codeOf('{"\\n":1,"\\n":2}'), 'RECORD_MALFORMED');
  assert.equal(codeOf(`{"\\n":${'['.repeat(9)}`), 'RECORD_MALFORMED');
});
