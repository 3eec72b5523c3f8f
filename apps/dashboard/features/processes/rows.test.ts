import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProcessItem } from '../../lib/api/view-types.ts';
import { ancestorsOf, childrenOf, openedAtFirst, stepOf, visibleRows } from './rows.ts';

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

describe('a key', () => {
  const rows = visibleRows(children, new Set([0]));
  const step = (at: number, key: string) => stepOf(rows, at, key, 2);

  it('moves, opens and closes as in a treegrid', () => {
    assert.deepEqual(step(0, 'ArrowDown'), { to: 1 });
    assert.deepEqual(step(0, 'ArrowUp'), { to: 0 });
    assert.deepEqual(step(0, 'End'), { to: 3 });
    assert.deepEqual(step(3, 'PageDown'), { to: 3 });
    assert.deepEqual(step(3, 'PageUp'), { to: 1 });
    assert.deepEqual(step(0, 'ArrowRight'), { to: 1 });
    assert.deepEqual(step(1, 'ArrowRight'), { open: 1 });
    assert.deepEqual(step(0, 'ArrowLeft'), { close: 0 });
    assert.deepEqual(step(2, 'ArrowLeft'), { to: 0 });
    assert.deepEqual(step(3, 'ArrowLeft'), {});
    assert.equal(step(0, 'x'), undefined);
    assert.equal(step(9, 'Home'), undefined);
  });
});
