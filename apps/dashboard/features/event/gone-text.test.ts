import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dateTimeText } from '../../lib/time.ts';
import { goneText } from './gone-text.ts';

const T = '1764000000000000000';

describe('a part that is gone', () => {
  it('is said to be redacted or expired, with the record that says so', () => {
    const said = { name: 'prompt', index: 77, reason: 'case 17', t: T };
    const when = dateTimeText(T);
    const expected = `Redacted ${when}: case 17 (record default.0.1/77)`;
    assert.equal(goneText('default.0.1', { ...said, by: 'redact' }), expected);
    assert.match(
      goneText('default.0.1', { ...said, by: 'expire' }),
      /^Expired .* \(record .*77\)$/,
    );
  });

  it('is said to be missing where no record says so', () => {
    assert.match(goneText('default.0.1', { name: 'prompt', by: 'unknown' }), /^Missing, .*fsck/);
  });
});
