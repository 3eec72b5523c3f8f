import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NAME_CHARS_MAX, RELAY_SHIMS_MAX } from '@vitrine/schema';
import { ShimTable } from './shims.ts';

/** The gaps that a row of numbers makes. */
function gaps(numbers: number[], table = new ShimTable([])): string[] {
  return numbers.flatMap((seq) => {
    const gap = table.see('agent', { shim: 'strace', seq }, 1n)?.gap;
    return gap === undefined ? [] : [`${gap.from}-${gap.to}`];
  });
}

describe('ShimTable', () => {
  it('finds holes and nothing else', () => {
    assert.deepEqual(gaps([0, 1, 2, 3]), []);
    assert.deepEqual(gaps([0, 1, 4, 5, 7]), ['2-3', '6-6']);
    assert.deepEqual(gaps([3]), ['0-2']);
  });

  it('takes a repetition for a repetition, and 0 for a new beginning', () => {
    assert.deepEqual(gaps([0, 1, 2, 1, 2, 3]), []);
    assert.deepEqual(gaps([0, 1, 2, 0, 1, 3]), ['2-2']);
  });

  it('tells vantages and names apart', () => {
    const table = new ShimTable([]);
    table.see('agent', { shim: 'a', seq: 0 }, 1n);
    assert.deepEqual(table.see('host', { shim: 'a', seq: 1 }, 1n)?.gap, { from: 0, to: 0 });
    assert.deepEqual(table.see('agent', { shim: 'b', seq: 1 }, 1n)?.gap, { from: 0, to: 0 });
    assert.equal(table.see('agent', { shim: 'a', seq: 1 }, 1n)?.gap, undefined);
  });

  it('goes on where the last process stopped', () => {
    const shim = { id: 9, vantage: 'agent', name: 'strace', last: 41 } as const;
    const table = new ShimTable([{ ...shim, declared: true, records: 0, seenNs: 0n }]);
    assert.deepEqual(gaps([44], table), ['42-43']);
    assert.equal(table.see('agent', { shim: 'other', seq: 0 }, 1n)?.shim.id, 10);
  });

  it('takes back what a failed commit saw', () => {
    const table = new ShimTable([]);
    const { shim } = table.see('agent', { shim: 'strace', seq: 0 }, 5n)!;
    table.declare(shim);
    table.settle();
    const mark = table.mark();
    table.see('agent', { shim: 'strace', seq: 1 }, 6n);
    table.see('agent', { shim: 'strace', seq: 5 }, 7n);
    const inner = table.mark();
    table.see('agent', { shim: 'strace', seq: 9 }, 8n);
    table.rewind(inner);
    assert.deepEqual([shim.last, shim.records, shim.seenNs], [5, 3, 7n]);
    table.rewind(mark);
    assert.deepEqual([shim.last, shim.records, shim.seenNs, shim.declared], [0, 1, 5n, true]);
  });

  it('follows a bounded number of shims with bounded names', () => {
    const table = new ShimTable([]);
    for (let i = 0; i < RELAY_SHIMS_MAX; i++) {
      assert.ok(table.see('agent', { shim: `shim-${i}`, seq: 0 }, 1n));
    }
    assert.equal(table.see('agent', { shim: 'one too many', seq: 0 }, 1n), undefined);
    assert.ok(table.see('agent', { shim: 'shim-3', seq: 1 }, 1n));
    const name = 'n'.repeat(NAME_CHARS_MAX);
    assert.ok(table.see('host', { shim: name, seq: 0 }, 1n));
    assert.equal(table.see('host', { shim: `${name}n`, seq: 0 }, 1n), undefined);
  });

  it('leaves alone what has no name or no number', () => {
    const table = new ShimTable([]);
    for (const source of [
      {},
      { shim: 'a' },
      { seq: 1 },
      { shim: 1, seq: 1 },
      { shim: 'a', seq: -1 },
    ]) {
      assert.equal(table.see('agent', source, 1n), undefined);
    }
    assert.deepEqual(table.all, []);
  });
});
