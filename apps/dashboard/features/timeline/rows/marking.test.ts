import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EventItem } from '@vitrine/schema/api';
import type { Row } from './display.ts';
import { isWithin, rangeOf, rangeText } from './leaf-range.ts';
import { Marking } from './marking.ts';

function row(index: number): Row {
  return { type: 'event', key: `e${index}`, item: { index } as EventItem, inFold: false };
}

describe('marking', () => {
  it('goes from where it began, either way, and begins anew after the cursor has moved', () => {
    const marking = new Marking();
    assert.deepEqual(marking.extend(row(10), row(12)), { first: 10, last: 12 });
    assert.deepEqual(marking.extend(row(12), row(17)), { first: 10, last: 17 });
    assert.deepEqual(marking.extend(row(17), row(4)), { first: 4, last: 10 });
    assert.deepEqual(marking.extend(row(30), row(31)), { first: 30, last: 31 });
  });

  it('stands in the address, whichever end comes first', () => {
    const range = rangeOf('17..4');
    assert.deepEqual(range, { first: 4, last: 17 });
    assert.equal(rangeText(range!), '4..17');
    assert.deepEqual(
      [3, 4, 17, 18].map((index) => isWithin(range, index)),
      [false, true, true, false],
    );
    for (const text of ['', '4', '4..', 'a..b', '4..17..20'])
      assert.equal(rangeOf(text), undefined);
  });
});
