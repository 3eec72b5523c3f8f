import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Announced, announcedBy } from './announced.ts';
import { Coverage } from './coverage.ts';

const LEAF = { idx: 50, record: '' };
const REDACT: Announced = { kind: 'redact', ...LEAF, chain: 's/in', seq: 3, part: 'body' };

function expire(below: number, part: string): Announced {
  return { kind: 'expire', ...LEAF, idx: below, below, part };
}

describe('what covers a missing part', () => {
  it('a redact covers its own chain, place and part alone', () => {
    const coverage = new Coverage([REDACT]);
    assert.equal(coverage.of(7, 's/in', 3, 'body'), REDACT);
    for (const [chain, seq, part] of [
      ['s/in2', 3, 'body'],
      ['s/in', 4, 'body'],
      ['s/in', 3, 'argv'],
    ] as const) {
      assert.equal(coverage.of(7, chain, seq, part), undefined);
    }
  });

  it('an expire covers what is below it, by name or all; the furthest counts', () => {
    const coverage = new Coverage([expire(20, 'body'), expire(10, 'body'), expire(5, '*')]);
    assert.equal(coverage.of(19, 's/in', 0, 'body')?.idx, 20);
    assert.equal(coverage.of(20, 's/in', 0, 'body'), undefined);
    assert.equal(coverage.of(4, 's/in', 0, 'argv')?.idx, 5);
    assert.equal(coverage.of(5, 's/in', 0, 'argv'), undefined);
  });
});

describe('a record', () => {
  it('announces nothing where its target names nothing', () => {
    for (const fields of [
      { kind: 'redact', target: { chain: 's/in', seq: '3', part: 'body' } },
      { kind: 'redact', target: { chain: 's/in', seq: 3 } },
      { kind: 'expire', target: { below: -1, part: '*' } },
      { kind: 'access', target: { below: 1, part: '*' } },
      { kind: 'expire', target: null },
    ]) {
      assert.equal(announcedBy(1, '', fields), undefined, JSON.stringify(fields));
    }
    assert.equal(announcedBy(1, '', { kind: 'expire', target: { below: 1, part: '*' } })?.idx, 1);
  });
});
