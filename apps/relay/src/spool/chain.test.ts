import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SpoolChain } from './chain.ts';
import { newSegment } from './segment.ts';

const segment = newSegment('/spool', 1);
const other = newSegment('/spool', 2);

/** A chain with records of 100 bytes, one behind the other. */
function chainOf(...runs: { first: number; last: number; at: number; in?: typeof segment }[]) {
  const chain = new SpoolChain(1, 's/b.agent', 'agent', true);
  for (const { first, last, at, in: file = segment } of runs) {
    chain.append({ segment: file, start: at, end: at + 100 * (last - first + 1), first, last });
  }
  return chain;
}

function extents(chain: SpoolChain): string[] {
  return chain.extents.map(({ first, last, start, end }) => `${first}-${last} at ${start}-${end}`);
}

describe('SpoolChain', () => {
  it('joins what lies together, up to the size a reader takes at once', () => {
    const chain = chainOf({ first: 0, last: 1, at: 0 }, { first: 2, last: 4, at: 200 });
    assert.deepEqual(extents(chain), ['0-4 at 0-500']);
    chain.append({ segment, start: 600, end: 700, first: 5, last: 5 });
    chain.append({ segment: other, start: 700, end: 800, first: 6, last: 6 });
    chain.append({ segment: other, start: 800, end: 66_300, first: 7, last: 661 });
    assert.deepEqual(extents(chain).slice(1), [
      '5-5 at 600-700',
      '6-6 at 700-800',
      '7-661 at 800-66300',
    ]);
    assert.equal(chain.next, 662);
  });

  it('forgets from the front what is acknowledged, whole extents at a time', () => {
    const chain = chainOf({ first: 0, last: 4, at: 0 }, { first: 5, last: 9, at: 900 });
    chain.acknowledge(3);
    assert.deepEqual([chain.oldest, chain.acked], [0, 3]);
    chain.acknowledge(4);
    assert.deepEqual([chain.oldest, chain.acked], [5, 4]);
    chain.acknowledge(2);
    assert.equal(chain.acked, 4);
    chain.acknowledge(9);
    assert.deepEqual([chain.oldest, chain.isAcked], [10, true]);
  });

  it('names as holes what is neither acknowledged nor there', () => {
    assert.deepEqual(chainOf({ first: 0, last: 4, at: 0 }).holes(), []);
    const chain = chainOf({ first: 2, last: 4, at: 0 }, { first: 7, last: 9, at: 900 });
    chain.next = 12;
    assert.deepEqual(chain.holes(), [
      { from: 0, to: 1 },
      { from: 5, to: 6 },
      { from: 10, to: 11 },
    ]);
    chain.acknowledge(5);
    assert.deepEqual(chain.holes(), [
      { from: 6, to: 6 },
      { from: 10, to: 11 },
    ]);
  });

  it('drops what a later state or record replaces', () => {
    const chain = chainOf({ first: 0, last: 4, at: 0 }, { first: 5, last: 9, at: 900 });
    chain.append({ segment: other, start: 0, end: 100, first: 3, last: 3 });
    assert.deepEqual(extents(chain), ['0-2 at 0-500', '3-3 at 0-100']);
    assert.equal(chain.next, 4);
  });
});
