import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sha256 } from '../hash/node.ts';
import { type Head, headsTree } from './heads.ts';
import { HeadsLedger } from './heads-ledger.ts';

const head = (chain: string, seq: number): Head => {
  return { chain, head: sha256(Buffer.from(`${chain} ${seq}`)), seq };
};

/** Chains that come, move and go: a place is empty or has the head at that seq. */
const step = fc.array(fc.option(fc.nat(3), { nil: undefined }), { maxLength: 40 });

test('after any steps the root is that of a tree built anew', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
      const ledger = new HeadsLedger();
      for (const places of steps) {
        const heads = places.flatMap((seq, i) => {
          return seq === undefined ? [] : [head(`s${(i * 7) % 40}/b`, seq)];
        });
        const { root, size } = headsTree(heads);
        assert.deepEqual(ledger.update(heads), { root, size });
      }
    }),
    { numRuns: 300 },
  );
});

test('a head that moved back or keeps its seq with another hash is hashed again', () => {
  const ledger = new HeadsLedger();
  const before = ledger.update([head('a/b', 1), head('c/d', 1)]);
  const other = [head('a/b', 1), { ...head('c/d', 1), head: Buffer.alloc(32, 1) }];
  assert.deepEqual(ledger.update(other).root, headsTree(other).root);
  assert.deepEqual(ledger.update([head('c/d', 1), head('a/b', 1)]), before);
});

test('a chain has one head, and a name; the ledger works on after a refusal', () => {
  const ledger = new HeadsLedger();
  const good = [head('a/b', 1), head('c/d', 1)];
  ledger.update(good);
  for (const bad of [
    [head('a/b', 2), head('a/b', 2)],
    [head('e/f', 1), head('ab', 1)],
  ]) {
    assert.throws(() => ledger.update(bad), { code: 'HEADS_INVALID' });
    assert.deepEqual(ledger.update(good).root, headsTree(good).root);
  }
});
