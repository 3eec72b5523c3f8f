import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { barsOf, brushOf, bucketAt, bucketCount, movedEnd, spanOfBrush } from './bars.ts';

const ANSWER = {
  from: '1764000000000000000',
  to: '1764000000000000095',
  width_ns: '10',
  events: 12,
  buckets: [
    { n: 0, t: '1764000000000000000', events: 4, vantages: {}, kinds: { file: 3, egress: 1 } },
    { n: 9, t: '1764000000000000090', events: 8, vantages: {}, kinds: { weird: 8 } },
  ],
};

describe('a histogram', () => {
  it('is stacked by what the events are about, the fullest bucket at full height', () => {
    assert.equal(bucketCount(ANSWER), 10);
    const [first, last] = barsOf(ANSWER);
    assert.deepEqual(first!.parts, [
      { group: 'network', height: 1 / 8 },
      { group: 'file', height: 3 / 8 },
    ]);
    assert.deepEqual(last!.parts, [{ group: 'other', height: 1 }]);
  });

  it('has its brush from the time and back, inside its ends', () => {
    const span = spanOfBrush(ANSWER, { first: 2, last: 3 });
    assert.deepEqual(span, { from: '1764000000000000020', to: '1764000000000000039' });
    assert.deepEqual(brushOf(ANSWER, span), { first: 2, last: 3 });
    assert.equal(spanOfBrush(ANSWER, { first: 9, last: 9 }).to, ANSWER.to);
    assert.equal(bucketAt(ANSWER, '1700000000000000000'), 0);
    assert.equal(bucketAt(ANSWER, '1800000000000000000'), 9);
    assert.equal(brushOf(ANSWER, undefined), undefined);
  });

  it('moves an end of the brush by keys', () => {
    assert.equal(movedEnd('ArrowLeft', 0, 9), 0);
    assert.equal(movedEnd('ArrowRight', 4, 9), 5);
    assert.equal(movedEnd('PageUp', 4, 99), 14);
    assert.equal(movedEnd('Home', 4, 9), 0);
    assert.equal(movedEnd('End', 4, 9), 9);
    assert.equal(movedEnd('x', 4, 9), undefined);
  });
});
