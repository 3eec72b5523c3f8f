/** A batch comes back from its bytes as it was, whatever its rows are. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeBatch, encodeBatch } from './blob.ts';
import type { Batch, BatchRow } from './plan.ts';

/** Records whose objects are ordinary ones. */
const record = <T>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(shape, { noNullPrototype: true }) as fc.Arbitrary<T>;
const bytes = (max: number) => fc.uint8Array({ maxLength: max }).map((some) => Buffer.from(some));
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((some) => Buffer.from(some));
const WAYS = [
  null,
  { sandbox: '', via: 'otlp', vantage: 'agent' as const, peer: 'p', observed: '17' },
  { sandbox: 'b', via: 'opp', vantage: 'host' as const, peer: '', observed: '18' },
];
const row: fc.Arbitrary<BatchRow> = record({
  session: fc.constantFrom('a', 'b', 'log'),
  shim: fc.constantFrom('in', 'sup'),
  seq: fc.option(fc.nat({ max: 5 })),
  provenance: fc.constantFrom(...WAYS),
  bytes: bytes(300),
  leaf: hash,
  parts: fc.array(
    record({ name: fc.constantFrom('prompt', 'otlp', 'x'), salt: bytes(16), data: bytes(60) }),
    { maxLength: 3 },
  ),
});
const batch: fc.Arbitrary<Batch> = record({
  log: fc.constant('default.0.1'),
  first: fc.nat(),
  size: fc.nat(),
  root: hash,
  rows: fc.array(row, { maxLength: 30 }),
  tiles: fc.array(record({ level: fc.nat({ max: 3 }), n: fc.nat(), hashes: bytes(8_192) }), {
    maxLength: 2,
  }),
});

describe('the bytes of a batch', () => {
  it('are read back as they were', () => {
    fc.assert(
      fc.property(batch, (made) => assert.deepEqual(decodeBatch(encodeBatch(made)), made)),
      { numRuns: 300 },
    );
  });

  it('describe a chain once, however many records of it there are', () => {
    const rows = Array.from({ length: 1_000 }, (_, seq) => ({
      ...{ session: 's', shim: 'in', seq, provenance: WAYS[1]!, parts: [] },
      ...{ bytes: Buffer.from('{}'), leaf: Buffer.alloc(32) },
    }));
    const one = { log: 'l', first: 0, size: 1_001, root: Buffer.alloc(32), rows, tiles: [] };
    const headerBytes = encodeBatch(one).readUInt32LE(0);
    assert.ok(headerBytes < 1_000 * 5, `${headerBytes} bytes`);
  });
});
