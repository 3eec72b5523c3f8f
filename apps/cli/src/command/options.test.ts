import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EDR_DEVICE_ID_CHARS_MAX } from '@vitrine/schema';
import { edrDevice, nanoseconds, oneOf, wholeNumber } from './options.ts';

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

  it('are what an EDR calls a host', () => {
    assert.deepEqual(edrDevice('crowdstrike:0f3c:9a'), {
      vendor: 'crowdstrike',
      device_id: '0f3c:9a',
    });
    const longest = 'x'.repeat(EDR_DEVICE_ID_CHARS_MAX);
    assert.equal(edrDevice(`v:${longest}`).device_id, longest);
    for (const text of ['', 'v', 'v:', ':x', 'V:x', 'v:a b', 'v:\u202ex', `v:${longest}x`]) {
      assert.throws(() => edrDevice(text), { code: 'USAGE', message: /VENDOR:ID/ }, text);
    }
  });

  it('are one of the words', () => {
    const parse = oneOf('--vantage', ['agent', 'host'] as const);
    assert.equal(parse('host'), 'host');
    assert.throws(() => parse('Host'), { code: 'USAGE', message: /agent, host/ });
  });
});
