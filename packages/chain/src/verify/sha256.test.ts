/**
 * Our own SHA-256 against NIST's vectors and Node's. `VITRINE_HASH_INPUTS=1000000` makes the random
 * test as long as one likes.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { plainSha256 as sha256 } from './sha256.ts';

const INPUTS = Number(process.env.VITRINE_HASH_INPUTS ?? 20_000);
const SPEED_MB_PER_S_MIN = 20;

function expected(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(sha256(bytes)).toString('hex');
}

/** NIST CSRC, "SHA-256" examples, and the short ones of FIPS 180-2 appendix B. */
const NIST: [text: string, digest: string][] = [
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
  ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
];

for (const [text, digest] of NIST) {
  test(`NIST: ${text.length} bytes`, () => assert.equal(hex(Buffer.from(text)), digest));
}

test('every length around the borders of blocks', () => {
  const bytes = Buffer.from(Array.from({ length: 64 * 20 }, (_, i) => (i * 31) & 255));
  for (let length = 0; length <= bytes.length; length++) {
    const part = bytes.subarray(0, length);
    assert.equal(hex(part), expected(part), `${length} bytes`);
  }
});

test('a view into a larger buffer is hashed from its own start', () => {
  const bytes = Buffer.from('0123456789'.repeat(20));
  for (let at = 0; at < 9; at++) {
    assert.equal(hex(bytes.subarray(at, 150)), expected(bytes.subarray(at, 150)));
  }
});

test(`${INPUTS} random inputs of random lengths`, () => {
  const random = xorshift(20_261_128);
  const bytes = Buffer.alloc(1_024);
  for (let i = 0; i < INPUTS; i++) {
    for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(random(), at);
    const part = bytes.subarray(0, random() % (i % 8 === 0 ? bytes.length : 150));
    if (hex(part) !== expected(part)) assert.fail(`input ${i}: ${part.toString('hex')}`);
  }
});

/** The same inputs every time. */
function xorshift(seed: number): () => number {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

test('a result is not changed by the next call', () => {
  const first = sha256(Buffer.from('first'));
  sha256(Buffer.from('second'));
  assert.equal(Buffer.from(first).toString('hex'), expected(Buffer.from('first')));
});

test(`hashes faster than ${SPEED_MB_PER_S_MIN} MB/s, also on a busy machine`, () => {
  const bytes = Buffer.alloc(1_000_000, 7);
  for (let i = 0; i < 5; i++) sha256(bytes);
  const start = process.cpuUsage();
  for (let i = 0; i < 20; i++) sha256(bytes);
  // Of processor time: what others do meanwhile says nothing about it.
  const { user, system } = process.cpuUsage(start);
  const speed = 20_000_000 / (user + system);
  assert.ok(speed > SPEED_MB_PER_S_MIN, `${speed.toFixed(0)} MB/s`);
});
