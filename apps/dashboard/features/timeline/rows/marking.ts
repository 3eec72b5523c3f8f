/** Rows that are marked together: from where that began to where the cursor is. */
import { type Row, spanOf } from './display.ts';
import type { LeafRange } from './leaf-range.ts';

export class Marking {
  #anchor: Row | undefined;
  #reached = Number.NaN;

  /** `from`: where the cursor was. One that has moved since begins anew. */
  extend(from: Row, to: Row): LeafRange {
    if (this.#anchor === undefined || this.#reached !== spanOf(from)[0]) this.#anchor = from;
    this.#reached = spanOf(to)[0];
    const ends = [...spanOf(this.#anchor), ...spanOf(to)];
    return { first: Math.floor(Math.min(...ends)), last: Math.ceil(Math.max(...ends)) };
  }
}
