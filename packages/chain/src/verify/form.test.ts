/** The form of a bundle (LOG.md §5, step 1), in the words of its text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BUNDLE_CHAINS_MAX,
  JSON_VALUE_BYTES_MIN,
  JSON_VALUES_FREE_MAX,
  PROOF_HASHES_MAX,
} from '@vitrine/schema';
import { readBundle } from './bundle.ts';
import { answerTo, PROVEN, rigSession } from './rig.ts';

const LOG = rigSession(2, false);
LOG.add('s1/b1', 'x', {}, { a: Buffer.from('argv'), b: Buffer.alloc(0) });
LOG.seal();
const TEXT = LOG.session('s1', { attached: [LOG.leaf(0)] }).toString();
const HASH = Buffer.alloc(32, 1).toString('base64');

function accepts(text: string): boolean {
  try {
    readBundle(Buffer.from(text));
    return true;
  } catch (error) {
    const { name, code } = error as { name: string; code: string };
    assert.equal(name, 'ChainError', String(error));
    assert.match(code, /^(BUNDLE_MALFORMED|BUNDLE_TOO_LARGE|NOTE_INVALID)$/);
    return false;
  }
}

function replaced(from: string | RegExp, to: string): string {
  const text = TEXT.replace(from, to);
  assert.notEqual(text, TEXT, `${from} is not in the text`);
  return text;
}

test('records, parts and leaves are read in the order of the file', () => {
  const bundle = readBundle(Buffer.from(TEXT));
  const chain = bundle.chains[0]!;
  const records = LOG.chains.get('s1/b1')!.map(({ bytes }) => bytes.toString());
  assert.deepEqual(chain.records, records);
  assert.equal(chain.records.length, 3);
  const parts = Object.entries(chain.parts!['2']!).map(([name, { data }]) => [name, data]);
  assert.deepEqual(parts, [
    ['a', 'YXJndg=='],
    ['b', ''],
  ]);
  assert.deepEqual(
    bundle.attached.map((leaf) => leaf.index),
    [0],
  );
});

test('white space and the order of members do not matter', () => {
  assert.ok(accepts(JSON.stringify(JSON.parse(TEXT), null, 2)));
  const { claim, ...rest } = JSON.parse(TEXT) as Record<string, unknown>;
  assert.ok(accepts(JSON.stringify({ ...rest, claim })));
});

test('members are exactly those of the format', () => {
  for (const name of Object.keys(JSON.parse(TEXT) as object)) {
    const { [name]: _, ...rest } = JSON.parse(TEXT) as Record<string, unknown>;
    assert.ok(!accepts(JSON.stringify(rest)), `without ${name}`);
  }
  for (const [from, to] of [
    ['{"attached"', '{"more":1,"attached"'],
    ['"claim":{', '"claim":{"day":"2026-01-01",'],
    ['"tip":{', '"tip":{"more":[],'],
    ['"seal":{', '"seal":{"index":1,'],
    ['{"data"', '{"more":1,"data"'],
    ['{"attached"', '{"attached":[],"attached"'],
    ['"first":0', '"first":0,"first":0'],
    ['"2":{', '"2":{},"2":{'],
    ['"a":{', '"a":{"data":"","salt":"AAAAAAAAAAAAAAAAAAAAAA=="},"a":{'],
    ['"parts":{"2"', '"__proto__":{},"parts":{"2"'],
    ['vitrine-bundle/1', 'vitrine-bundle/2'],
    ['"type":"session"', '"type":"toString"'],
    ['"type":"session"', '"type":"event"'],
    ['"session":"s1"', '"session":"s/1"'],
  ] as const) {
    assert.ok(!accepts(replaced(from, to)), to);
  }
});

test('types, integers and base64 are strict', () => {
  const proof = /"proof":\["[^"]*"/;
  for (const [from, to] of [
    ['"first":0', '"first":0.0'],
    ['"first":0', '"first":1e0'],
    ['"first":0', '"first":-0'],
    ['"first":0', '"first":00'],
    ['"first":0', '"first":-1'],
    ['"first":0', '"first":"0"'],
    ['"first":0', '"first":9007199254740992'],
    ['"2":{', '"02":{'],
    ['"2":{', '"-2":{'],
    ['"2":{', '"9007199254740992":{'],
    ['"a":{', '"A":{'],
    ['"a":{', '"__proto__":{'],
    ['YXJndg==', 'YXJndh=='],
    ['YXJndg==', 'YXJndg='],
    ['YXJndg==', 'YXJn dg=='],
    ['YXJndg==', 'YXJndg==YXJndg=='],
    [/"salt":"[^"]*"/, '"salt":"AAAA"'],
    [proof, `"proof":["${HASH}","AAAA"`],
    [proof, `"proof":["${HASH.slice(0, 42)}F="`],
    [proof, '"proof":[null'],
    ['"parts":{"2"', '"parts":[],"x":{"2"'],
    [/"records":\[[^\]]*\]/, '"records":[]'],
    [/"records":\["/, '"records":["","'],
    [/"records":\["/, '"records":["\\ud800","'],
    [/"records":\["/, '"records":["\\udc00x","'],
    [/"chain":"s1\/b1","first"/, '"chain":"s1","first"'],
    [/"chain":"s1\/b1","first"/, '"chain":"s1/sup","first"'],
    [/"chain":"s1\/b1","first"/, '"chain":"s1/z","first"'],
    [/\\n\\n—/, '\\n—'],
  ] as const) {
    assert.ok(!accepts(replaced(from, to)), to);
  }
  assert.ok(accepts(replaced(/"records":\["/, '"records":["\\ud83d\\ude00","')));
  assert.ok(accepts(replaced(/"parts":\{"2".*?\}\}\}/, '"parts":null')));
});

test('a proof has PROOF_HASHES_MAX hashes at most', () => {
  const proofOf = (count: number): string => `"proof":${JSON.stringify(Array(count).fill(HASH))}`;
  const proof = /"proof":\[[^\]]*\]/;
  assert.ok(accepts(replaced(proof, proofOf(PROOF_HASHES_MAX))));
  assert.ok(!accepts(replaced(proof, proofOf(PROOF_HASHES_MAX + 1))));
});

test('a bundle has BUNDLE_CHAINS_MAX chains at most', () => {
  const chain = (i: number): string =>
    `{"chain":"a/${String(i).padStart(6, '0')}","first":0,"parts":null,` +
    `"records":["${'x'.repeat(400)}"],"tip":{"index":0,"proof":[]}}`;
  const withChains = (count: number): string => {
    const chains = Array.from({ length: count }, (_, i) => chain(i)).join(',');
    return replaced(/"chains":\[.*\],"checkpoint"/, `"chains":[${chains}],"checkpoint"`);
  };
  assert.ok(accepts(withChains(BUNDLE_CHAINS_MAX)));
  assert.ok(!accepts(withChains(BUNDLE_CHAINS_MAX + 1)));
});

test('a bundle has JSON_VALUES_FREE_MAX values, and one for JSON_VALUE_BYTES_MIN bytes', () => {
  const found = (text: string): string => {
    try {
      readBundle(Buffer.from(text));
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  const items = (count: number, item: string): string => `[${Array(count).fill(item).join()}]`;
  const free = Math.floor(JSON_VALUES_FREE_MAX / (1 - 2 / JSON_VALUE_BYTES_MIN));
  assert.equal(found(items(free, '0')), 'it is no object');
  assert.match(found(items(free + 2, '0')), /^too many values/);
  const wide = '"'.padEnd(JSON_VALUE_BYTES_MIN - 2, 'x');
  assert.equal(found(items(500_000, `${wide}"`)), 'it is no object');
  const narrow = wide.slice(0, -2);
  assert.match(found(items(500_000, `${narrow}"`)), /^too many values/);
});

test('what is not even JSON is refused', () => {
  const texts = [
    '',
    ' ',
    'null',
    '[]',
    '{}',
    '"',
    '{"a',
    TEXT.slice(0, -1),
    `${TEXT}x`,
    `\ufeff${TEXT}`,
  ];
  for (const text of texts) assert.ok(!accepts(text), text.slice(0, 20));
  for (let i = 0; i < TEXT.length; i += 97) assert.ok(!accepts(TEXT.slice(0, i)));
  const bytes = Buffer.from(TEXT);
  bytes[100] = 0xff;
  assert.throws(() => readBundle(bytes), { code: 'BUNDLE_MALFORMED' });
});

test('bytes that may be consumed are given back, and memory that others share is not', () => {
  const bundle = rigSession(3, true).session('s1');
  const own = new Uint8Array(bundle);
  assert.deepEqual(answerTo(own, { consume: true }), PROVEN);
  assert.equal(own.length, 0);
  const shared = new Uint8Array(bundle.length + 1).subarray(1);
  shared.set(bundle);
  assert.deepEqual(answerTo(shared, { consume: true }), PROVEN);
  assert.equal(shared.length, bundle.length);
  const kept = new Uint8Array(bundle);
  assert.deepEqual(answerTo(kept), PROVEN);
  assert.equal(kept.length, bundle.length);
});
