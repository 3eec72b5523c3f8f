import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { byteCount, grouped, localTime, plain, utcTime, wrap } from './text.ts';

describe('plain', () => {
  it('shows controls instead of sending them to the terminal', () => {
    assert.equal(plain('a\x1b[2Jb\nc\x9bd'), 'a\\u001b[2Jb\\u000ac\\u009bd');
  });

  it('shows the characters that turn text around', () => {
    assert.equal(plain('gpj.\u202eexe'), 'gpj.\\u202eexe');
  });

  it('leaves other text as it is', () => {
    assert.equal(plain('Grüße → 漢字 🙂'), 'Grüße → 漢字 🙂');
  });
});

describe('times', () => {
  it('are UTC for files and pipes', () => {
    assert.equal(utcTime('1764090000123456789'), '2025-11-25T17:00:00.123Z');
  });

  it('are local for a person', () => {
    assert.match(localTime('1764090000123456789'), /^2025-11-2\d \d\d:\d\d:\d\d\.123$/);
  });

  it('are shown as they are where they are none', () => {
    for (const ns of ['', 'soon', '-1', '9'.repeat(24)]) assert.equal(utcTime(ns), ns);
    assert.equal(localTime('9'.repeat(24)), '9'.repeat(24));
  });
});

describe('numbers', () => {
  it('counts bytes in the unit that fits', () => {
    const shown = [0, 999, 1_000, 12_345, 999_999, 1_500_000, 2e12].map(byteCount);
    assert.deepEqual(shown, ['0 B', '999 B', '1.0 kB', '12.3 kB', '1000 kB', '1.5 MB', '2.0 TB']);
  });

  it('groups digits', () => {
    assert.equal(grouped(1_234_567), '1,234,567');
  });
});

describe('wrap', () => {
  it('breaks at spaces and keeps a word that is too long', () => {
    assert.deepEqual(wrap('one two three', 7), ['one two', 'three']);
    assert.deepEqual(wrap('a incomprehensible b', 5), ['a', 'incomprehensible', 'b']);
    assert.deepEqual(wrap('', 5), ['']);
  });
});
