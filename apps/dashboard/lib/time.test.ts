/** Times and durations as a person reads them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ageText, clockText, dateTimeText, durationText, isoOfNs, msOf, utcText } from './time.ts';

const T = '1795875714047980123';

describe('a time', () => {
  it('keeps all nine digits in UTC', () => {
    assert.equal(utcText(T), '2026-11-28T14:21:54.047980123Z');
  });

  it('is shown to the millisecond on the local clock', () => {
    const date = new Date(1795875714047);
    const hour = String(date.getHours()).padStart(2, '0');
    assert.ok(clockText(T).startsWith(`${hour}:`));
    assert.ok(clockText(T).endsWith('54.047'));
    assert.match(dateTimeText(T), /^2026-11-2\d \d\d:\d\d:54$/);
  });

  it('is no NaN where the record has none', () => {
    for (const text of ['0', '', 'yesterday', '-1', '9'.repeat(40)]) {
      assert.equal(clockText(text), '—', text);
      assert.equal(dateTimeText(text), '—', text);
      assert.equal(utcText(text), 'no time', text);
    }
  });

  it('has an age in one unit, and a form for programs', () => {
    const now = 1_795_875_714_047;
    const ages: [number, string][] = [
      [-9_000, 'now'],
      [900, 'now'],
      [59_000, '59 s ago'],
      [60_000, '1 m ago'],
      [7_200_000, '2 h ago'],
      [172_800_000, '2 d ago'],
    ];
    for (const [ms, text] of ages) assert.equal(ageText(T, now + ms + 1), text);
    assert.equal(ageText('0', now), '—');
    assert.equal(isoOfNs(T), '2026-11-28T14:21:54.047Z');
    assert.equal(isoOfNs('0'), '');
  });

  it('counts milliseconds with their fraction', () => {
    assert.equal(msOf('1000000'), 1);
    assert.equal(msOf('1500000'), 1.5);
    assert.equal(msOf('999'), 0.000999);
    assert.equal(msOf('x'), 0);
  });
});

describe('a duration', () => {
  it('has the two units that matter', () => {
    const cases: [number, string][] = [
      [-5, '0 ms'],
      [850, '850 ms'],
      [1_000, '1 s'],
      [4_210, '4.2 s'],
      [59_999, '59 s'],
      [60_000, '1 m 0 s'],
      [250_000, '4 m 10 s'],
      [3_600_000, '1 h 0 m'],
      [12_000_000, '3 h 20 m'],
      [187_200_000, '2 d 4 h'],
    ];
    for (const [ms, text] of cases) assert.equal(durationText(ms), text);
  });
});
