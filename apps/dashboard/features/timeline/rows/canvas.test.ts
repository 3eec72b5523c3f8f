/** Rows keep their place on the canvas; its ends are exact where they are known. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canvasRows, type Loaded, layCanvas, MARGIN_ROWS, rowsWithin, wanted } from './canvas.ts';

const loaded = (more: Partial<Loaded> = {}): Loaded => ({
  rows: 80,
  events: 80,
  startReached: false,
  endReached: false,
  total: 1_000,
  ...more,
});

describe('the canvas', () => {
  it('is as high as its rows when all are loaded', () => {
    const { canvas, shift } = layCanvas(
      loaded({ startReached: true, endReached: true }),
      undefined,
      0,
    );
    assert.deepEqual([canvas, shift], [{ top: 0, rows: 80, below: 0 }, 0]);
  });

  it('leaves room for the events that are not, at the side where they are', () => {
    const atEnd = layCanvas(loaded({ endReached: true }), undefined, 1).canvas;
    assert.deepEqual(atEnd, { top: 920, rows: 80, below: 0 });
    const atStart = layCanvas(loaded({ startReached: true }), undefined, 0).canvas;
    assert.deepEqual(atStart, { top: 0, rows: 80, below: 920 });
    const between = layCanvas(loaded(), undefined, 0.5).canvas;
    assert.deepEqual(between, { top: 460, rows: 80, below: 460 });
  });

  it('takes folded rows into its estimate', () => {
    const folded = loaded({ rows: 20, startReached: true });
    assert.equal(canvasRows(layCanvas(folded, undefined, 0).canvas), 250);
  });

  it('keeps a row where it was when older rows come', () => {
    const { canvas, shift } = layCanvas(
      loaded({ rows: 480, events: 480 }),
      { at: 410, row: 930 },
      0,
    );
    assert.deepEqual([canvas.top, shift], [520, 0]);
  });

  it('moves everything once when the first row turns out to be elsewhere', () => {
    const first = layCanvas(loaded({ startReached: true }), { at: 10, row: 60 }, 0);
    assert.deepEqual([first.canvas.top, first.shift], [0, -50]);
    const more = layCanvas(loaded(), { at: 70, row: 50 }, 0.5);
    assert.equal(more.canvas.top, 460);
    assert.equal(more.shift, 480);
  });

  it('always leaves canvas beside an unknown end', () => {
    const filtered = layCanvas(loaded({ total: undefined }), undefined, 0.5).canvas;
    assert.deepEqual(filtered, { top: MARGIN_ROWS, rows: 80, below: MARGIN_ROWS });
  });

  it('never moves the anchor against the scroll position', () => {
    fc.assert(
      fc.property(
        fc.record({
          rows: fc.integer({ min: 1, max: 6_000 }),
          events: fc.integer({ min: 1, max: 6_000 }),
          startReached: fc.boolean(),
          endReached: fc.boolean(),
          total: fc.option(fc.integer({ min: 0, max: 1_000_000 }), { nil: undefined }),
        }),
        fc.nat(6_000),
        fc.nat(1_000_000),
        (state, atRaw, row) => {
          const at = atRaw % state.rows;
          const { canvas, shift } = layCanvas(state, { at, row }, 0.5);
          assert.equal(canvas.top + at, row + shift);
          if (state.startReached) assert.equal(canvas.top, 0);
          else assert.ok(canvas.top >= 1);
          if (state.endReached) assert.equal(canvas.below, 0);
          else assert.ok(canvas.below >= MARGIN_ROWS);
        },
      ),
    );
  });
});

describe('rows in sight', () => {
  const canvas = { top: 100, rows: 50, below: 100 };
  it('are those loaded between two canvas rows', () => {
    assert.deepEqual(rowsWithin(canvas, 110, 119, 0), { from: 10, to: 20 });
    assert.deepEqual(rowsWithin(canvas, 110, 119, 15), { from: 0, to: 35 });
    assert.deepEqual(rowsWithin(canvas, 0, 20, 2), { from: 0, to: 0 });
    assert.deepEqual(rowsWithin(canvas, 400, 420, 2), { from: 50, to: 50 });
  });
});

describe('what is read', () => {
  const canvas = { top: 1_000, rows: 100, below: 1_000 };
  const ends = { startReached: false, endReached: false };
  it('is what comes in sight soon', () => {
    assert.deepEqual(wanted(canvas, ends, 1_040, 1_060, 20), { do: 'nothing' });
    assert.deepEqual(wanted(canvas, ends, 1_070, 1_090, 20), { do: 'more', side: 'end' });
    assert.deepEqual(wanted(canvas, ends, 1_010, 1_030, 20), { do: 'more', side: 'start' });
  });
  it('is jumped to when it is far away', () => {
    assert.deepEqual(wanted(canvas, ends, 1_900, 1_920, 20), { do: 'jump' });
    assert.deepEqual(wanted(canvas, ends, 10, 30, 20), { do: 'jump' });
  });
  it('is nothing beyond an end that was reached', () => {
    const all = { startReached: true, endReached: true };
    assert.deepEqual(wanted({ ...canvas, top: 0 }, all, 90, 110, 20), { do: 'nothing' });
  });
});
