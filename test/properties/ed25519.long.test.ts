/** Every edge vector of Ed25519: a change of what Node's OpenSSL says is noticed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accepting } from './ed25519.ts';
import { VECTORS, VERDICTS } from './ed25519-table.ts';

test('all 914 vectors get their recorded verdicts', async () => {
  assert.equal(VECTORS.length, 914);
  for (const vector of VECTORS) {
    const expected = VERDICTS[vector.number];
    assert.equal((await accepting(vector)).join(', '), expected, `vector ${vector.number}`);
  }
});
