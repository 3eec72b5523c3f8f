/**
 * Which of the rows in sight to draw in this frame. A flick brings a whole screen of new rows at
 * once; drawn in one task they would hold the page up, so that they come a few for each frame.
 */
import type { Range } from './canvas.ts';
import { type Row, rowAt, spanOf } from './display.ts';

/** New rows of one frame: laid out and painted in some 10 ms by a slow machine without a GPU. */
export const DRAW_ROWS_MAX = 16;

export class Drawing {
  /** Places among leaf indices: rows are counted anew whenever others come before them. */
  #drawn: [first: number, last: number] | undefined;

  /** Of `wanted`: what is drawn already, and a few more. The same until `commit`. */
  next(rows: readonly Row[], wanted: Range): Range {
    const drawn = this.#drawn;
    if (drawn === undefined) return drawMore(undefined, wanted);
    const from = rowAt(rows, drawn[0]);
    return drawMore({ from, to: rowAt(rows, drawn[1]) + 1 }, wanted);
  }

  /** These rows are on the page now. */
  commit(rows: readonly Row[], { from, to }: Range): void {
    const [first, last] = [rows[from], rows[to - 1]];
    const isEmpty = first === undefined || last === undefined || from >= to;
    this.#drawn = isEmpty ? undefined : [spanOf(first)[0], spanOf(last)[1]];
  }
}

/** Contiguous, within `wanted`, and at most `DRAW_ROWS_MAX` rows more than were drawn of it. */
export function drawMore(drawn: Range | undefined, wanted: Range): Range {
  let { from, to } = drawn ?? wanted;
  from = Math.max(from, wanted.from);
  to = Math.min(to, wanted.to);
  if (drawn === undefined || from >= to) {
    const middle = (wanted.from + wanted.to) >> 1;
    from = Math.max(wanted.from, middle - (DRAW_ROWS_MAX >> 1));
    return { from, to: Math.min(wanted.to, from + DRAW_ROWS_MAX) };
  }
  const above = Math.min(from - wanted.from, DRAW_ROWS_MAX);
  return { from: from - above, to: Math.min(wanted.to, to + DRAW_ROWS_MAX - above) };
}
