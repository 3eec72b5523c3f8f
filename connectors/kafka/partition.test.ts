import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { partitionOf } from './partition.ts';

describe('the partition of a session', () => {
  it('is the one that the Java client chooses', () => {
    // Utils.murmur2 of kafka-clients over the UTF-8 bytes, its sign bit off, modulo the count.
    const known: [string, number][] = [
      ['21', 0x7fffffff & -973932308],
      ['foobar', 0x7fffffff & -790332482],
      ['a-little-bit-long-string', 0x7fffffff & -985981536],
      ['a-little-bit-longer-string', 0x7fffffff & -1486304829],
      ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', 0x7fffffff & -58897971],
    ];
    for (const [key, hash] of known) {
      for (const count of [1, 4, 12, 97]) assert.equal(partitionOf(key, count), hash % count);
    }
  });

  it('is always one of those there are, and always the same', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1_000 }), (session, count) => {
        const partition = partitionOf(session, count);
        assert.ok(Number.isInteger(partition) && partition >= 0 && partition < count);
        assert.equal(partitionOf(session, count), partition);
      }),
    );
  });
});
