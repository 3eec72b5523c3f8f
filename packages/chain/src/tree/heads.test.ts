import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leafHash, sha256 } from '../hash/node.ts';
import { type Head, headsTree } from './heads.ts';
import { verifyInclusion } from './inclusion.ts';

const head = (chain: string): Head => ({ chain, head: sha256(Buffer.from(chain)), seq: 3 });

test('leaves are canonical, sorted by bytes, and proven', () => {
  const names = ['s2/a', 's1/sup', 's1:2/a', 's10/a', 's1/B', 's1/a', 'log/admit'];
  const tree = headsTree(names.map(head));
  const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  assert.equal(tree.size, names.length);
  for (const [i, chain] of sorted.entries()) {
    assert.equal(tree.index(chain), i);
    const { head: hash } = head(chain);
    const text = `{"chain":"${chain}","head":"${hash.toString('base64')}","seq":3}`;
    assert.equal(tree.leaves[i]!.toString(), text);
    const leaf = leafHash(tree.leaves[i]!);
    assert.ok(verifyInclusion(leaf, i, tree.size, tree.path(i), tree.root));
  }
  assert.equal(tree.index('s3/a'), -1);
});

test('the leaves around a session stand where its chains would', () => {
  const tree = headsTree(['a/x', 's1/a', 's1/b', 's1:2/a', 's10/a', 'z/x'].map(head));
  assert.deepEqual(tree.around('s1'), [0, 4 - 1]);
  assert.deepEqual(
    tree.around('s11'),
    [3, 4].map((i) => tree.index(['s10/a', 's1:2/a'][i - 3]!)).sort(),
  );
  assert.deepEqual(tree.around('0'), [0]);
  assert.deepEqual(tree.around('zz'), [5]);
  assert.deepEqual(headsTree([]).around('s1'), []);
});

test('a chain has one head, and a name', () => {
  assert.throws(() => headsTree([head('a/b'), head('a/b')]), { code: 'HEADS_INVALID' });
  assert.throws(() => headsTree([head('ab')]), { code: 'HEADS_INVALID' });
});
