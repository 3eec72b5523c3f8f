/** However far the reader flicks, a frame draws a few new rows, and all of them in the end. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EventItem } from '@vitrine/schema/api';
import fc from 'fast-check';
import type { Range } from './canvas.ts';
import type { Row } from './display.ts';
import { DRAW_ROWS_MAX, Drawing, drawMore } from './drawing.ts';

const range = fc
  .record({ from: fc.nat({ max: 300 }), length: fc.nat({ max: 80 }) })
  .map(({ from, length }) => ({ from, to: from + length }));
const sizeOf = ({ from, to }: Range): number => Math.max(0, to - from);
const common = (a: Range, b: Range): number =>
  sizeOf({ from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) });

describe('drawing', () => {
  it('adds at most so many rows to those in sight, and none that is not wanted', () => {
    fc.assert(
      fc.property(fc.option(range, { nil: undefined }), range, (drawn, wanted) => {
        const next = drawMore(drawn, wanted);
        assert.ok(next.from >= wanted.from && next.to <= wanted.to);
        const kept = drawn === undefined ? 0 : common(drawn, wanted);
        if (kept > 0) assert.equal(common(next, drawn!), kept);
        assert.equal(sizeOf(next), Math.min(sizeOf(wanted), kept + DRAW_ROWS_MAX));
      }),
    );
  });

  it('ends with all of them', () => {
    fc.assert(
      fc.property(fc.option(range, { nil: undefined }), range, (drawn, wanted) => {
        let now = drawn;
        for (let left = sizeOf(wanted); left > -DRAW_ROWS_MAX; left -= DRAW_ROWS_MAX) {
          now = drawMore(now, wanted);
        }
        assert.deepEqual(now, sizeOf(wanted) === 0 ? now : wanted);
      }),
    );
  });

  it('keeps what is drawn when older rows come before it', () => {
    const rows = (first: number): Row[] => Array.from({ length: 100 }, (_, i) => rowOf(first + i));
    const drawing = new Drawing();
    const before = { from: 10, to: 10 + DRAW_ROWS_MAX };
    assert.equal(sizeOf(drawing.next(rows(50), { from: 0, to: 40 })), DRAW_ROWS_MAX);
    drawing.commit(rows(50), before);
    const moved = { from: before.from + 20, to: before.to + 20 };
    assert.deepEqual(drawing.next(rows(30), moved), moved);
    assert.deepEqual(drawing.next(rows(30), moved), moved, 'asking twice changes nothing');
  });
});

function rowOf(index: number): Row {
  return { type: 'event', key: `e${index}`, item: { index } as EventItem, inFold: false };
}
