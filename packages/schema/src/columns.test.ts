import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeColumn } from './columns.ts';

test('a time is the decimal text it was, at most what 63 bits hold, and 0 if it is no time', () => {
  const max = '9223372036854775807';
  for (const kept of ['0', '7', '1764000000000000000', '9223372036854775806', max]) {
    assert.equal(timeColumn(kept), kept);
  }
  for (const large of ['9223372036854775808', '9300000000000000000', `1${'0'.repeat(19)}`]) {
    assert.equal(timeColumn(large), max);
  }
  for (const none of ['', '01', '-1', '1.0', '1e3', ' 1', 7, null, undefined]) {
    assert.equal(timeColumn(none), '0');
  }
});
