import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nanoseconds, oneOf, wholeNumber } from './options.ts';

describe('option values', () => {
  it('are whole numbers inside their bounds', () => {
    const parse = wholeNumber('--limit', 1, 10);
    assert.deepEqual(['1', '10', '007'].map(parse), [1, 10, 7]);
    for (const text of ['0', '11', '-1', '1.5', '1e1', '', 'ten', '9'.repeat(30)]) {
      assert.throws(() => parse(text), { code: 'USAGE', message: /^--limit must be/ }, text);
    }
  });

  it('are nanoseconds', () => {
    const parse = nanoseconds('--now');
    assert.equal(parse('1764090000000000000'), 1764090000000000000n);
    for (const text of ['', '-1', '1.0', '0x1', 'now', '1'.repeat(25)]) {
      assert.throws(() => parse(text), { code: 'USAGE' }, text);
    }
  });

  it('are one of the words', () => {
    const parse = oneOf('--vantage', ['agent', 'host'] as const);
    assert.equal(parse('host'), 'host');
    assert.throws(() => parse('Host'), { code: 'USAGE', message: /agent, host/ });
  });
});
