import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProcessItem } from '@vitrine/schema/api';
import { ancestorsOf, childrenOf, openedAtFirst, visibleRows } from './rows.ts';

/** By the place of each one's parent. */
function tree(...parents: (number | null)[]): ProcessItem[] {
  return parents.map((parent, n) => {
    const children = parents.filter((of) => of === n).length;
    return { n, parent, children } as ProcessItem;
  });
}

const items = tree(null, 0, 1, 2, 0, null);
const children = childrenOf(items);
const shown = (opened: Iterable<number>): number[] =>
  visibleRows(children, new Set(opened)).map(({ item }) => item.n);

describe('the rows of processes', () => {
  it('are those whose parents are open, each below its parent', () => {
    assert.deepEqual(shown([]), [0, 5]);
    assert.deepEqual(shown([0]), [0, 1, 4, 5]);
    assert.deepEqual(shown([0, 1, 2]), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(shown([1, 2]), [0, 5]);
    const [first, second, last] = visibleRows(children, new Set([0]));
    assert.deepEqual([first!.parent, second!.parent, second!.id], [undefined, 0, 1]);
    assert.deepEqual([first!.level, second!.level, last!.position], [1, 2, 2]);
    assert.deepEqual([first!.isOpen, second!.isOpen, last!.isOpen], [true, false, undefined]);
  });

  it('open at first as far as one reads, however many there are', () => {
    assert.deepEqual([...openedAtFirst(items)], [0, 1, 2]);
    const wide = tree(null, ...Array.from({ length: 10_000 }, () => 0));
    assert.deepEqual([...openedAtFirst(wide)], []);
    const deep = tree(null, ...Array.from({ length: 9_999 }, (_, i) => i));
    assert.deepEqual([...openedAtFirst(deep)], [0, 1, 2]);
    assert.equal(visibleRows(childrenOf(deep), new Set(deep.map(({ n }) => n))).length, 10_000);
  });

  it('can be found again from what is above them', () => {
    assert.deepEqual(ancestorsOf(items, items[3]!), [2, 1, 0]);
    assert.deepEqual(ancestorsOf(items, items[5]!), []);
  });
});
