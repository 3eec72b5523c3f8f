/** 400 random trees of 1 to 2,000 leaves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareTrees } from './trees.ts';

test('400 trees: one root, one set of paths, one verdict on changed ones', async (t) => {
  const compared = await compareTrees(400);
  assert.ok(compared.refused > 15_000, 'changed proofs are refused');
  t.diagnostic(JSON.stringify(compared));
});
