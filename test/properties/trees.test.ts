/** Random trees against merkletreejs and the RFC's recursion; `trees.long.test.ts` has more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareTrees } from './trees.ts';

test('70 trees: one root, one set of paths, one verdict on changed ones', async (t) => {
  const compared = await compareTrees(70);
  assert.ok(compared.refused > 2_500, 'changed proofs are refused');
  t.diagnostic(JSON.stringify(compared));
});
