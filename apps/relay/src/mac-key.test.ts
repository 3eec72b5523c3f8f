import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { secretBytes, takeMacKey } from './mac-key.ts';

const KEY = '0f9a'.repeat(16);

function taken(text: string): { key: string | undefined; left: string } {
  const bytes = Buffer.from(text);
  const key = takeMacKey(bytes)?.toString('hex');
  return { key, left: bytes.toString() };
}

describe('takeMacKey', () => {
  it('takes the key out of the text, wherever it stands', () => {
    for (const [before, after] of [
      ['{"mac_key":"', '"}'],
      ['{"session":"mac", "mac_key" :\n "', '", "x":1}'],
    ]) {
      const { key, left } = taken(`${before}${KEY}${after}`);
      assert.equal(key, KEY);
      assert.equal(left, `${before}${'0'.repeat(64)}${after}`);
    }
  });

  it('leaves alone what is no key', () => {
    for (const text of [
      '{}',
      '{"mac_key":1}',
      `{"mac_key":"${KEY.toUpperCase()}"}`,
      `{"mac_key":"${KEY}0"}`,
      `{"mac_key":"${KEY.slice(1)}"}`,
      `{"session":"mac_key"}`,
      '{"mac_key"',
    ]) {
      assert.deepEqual(taken(text), { key: undefined, left: text });
    }
  });
});

describe('secretBytes', () => {
  it('lie outside the heap of V8, which moves and copies what is in it', () => {
    const bytes = secretBytes();
    assert.equal(bytes.length, 32);
    assert.ok(bytes.buffer.byteLength > 64);
    assert.ok(bytes.every((byte) => byte === 0));
  });
});
