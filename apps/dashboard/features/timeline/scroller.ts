/**
 * The scroll position of the list, apart from React: what is in sight, and where to scroll so that
 * rows stay under the reader's eyes whatever is loaded or let go around them.
 */
import { type Canvas, canvasRows } from './rows/canvas.ts';
import { type Row, rowAt, spanOf } from './rows/display.ts';
import type { Place } from './window/window.ts';

/** The part in sight is rounded to so many rows: fewer renders while scrolling. */
const STEP_ROWS = 4;

/** Canvas rows in sight. */
export interface Sight {
  first: number;
  last: number;
}

interface Laid {
  canvas: Canvas;
  rows: readonly Row[];
  /** Of the timeline: another one has nothing to do with what was shown before. */
  generation: number;
}

export class Scroller {
  /** Keeps to the newest row while the reader is there. */
  following = true;
  /** Somebody other than this class has scrolled. */
  scrolled = false;
  /** Where an answer that was jumped to belongs on the canvas. */
  jumpRow: number | undefined;
  laid: Laid | undefined;
  rowPx: number;
  #element: HTMLElement | null = null;
  /** The position that was set last, as the browser then had it. */
  #setTo = 0;
  #top = 0;
  /** As last measured: asking the browser while rows change would lay the page out twice. */
  #heightPx = 0;

  constructor(rowPx: number) {
    this.rowPx = rowPx;
  }

  attach(element: HTMLElement | null): void {
    this.#element = element;
  }

  /** The list has another height. */
  measure(): void {
    const element = this.#element;
    if (element === null) return;
    this.#heightPx = element.clientHeight;
    this.#top = element.scrollTop;
    // The heads of the columns stand beside no scrollbar: they leave its width free.
    const barPx = element.offsetWidth - element.clientWidth;
    element.parentElement?.style.setProperty('--scrollbar', `${barPx}px`);
  }

  get rowsInSight(): number {
    return Math.max(1, Math.floor(this.#heightPx / this.rowPx));
  }

  sight(): Sight {
    const first = this.#top / this.rowPx;
    const last = (this.#top + this.#heightPx) / this.rowPx;
    return {
      first: Math.floor(first / STEP_ROWS) * STEP_ROWS,
      last: Math.ceil(last / STEP_ROWS) * STEP_ROWS,
    };
  }

  /** After the browser scrolled, for whatever reason. */
  moved(): void {
    if (this.#element === null || this.laid === undefined) return;
    this.#top = this.#element.scrollTop;
    if (Math.abs(this.#top - this.#setTo) >= 1) this.scrolled = true;
    const bottom = canvasRows(this.laid.canvas) * this.rowPx;
    this.following = bottom - this.#top - this.#heightPx < this.rowPx;
  }

  /** Leaf index of the first loaded row in sight. */
  get index(): number {
    const { laid } = this;
    if (laid === undefined || laid.rows.length === 0) return 0;
    return spanOf(laid.rows[this.#firstIn(laid)]!)[0];
  }

  /** The row that has to stay where it is when `rows` take the place of those shown. */
  anchor(
    rows: readonly Row[],
    generation: number,
    place: Place,
  ): { at: number; row: number } | undefined {
    const { laid } = this;
    if (rows.length === 0) return undefined;
    if (laid?.generation !== generation) {
      if (this.jumpRow === undefined || place.at !== 'index') return undefined;
      return { at: rowAt(rows, place.index), row: this.jumpRow };
    }
    if (laid.rows.length === 0) return undefined;
    const old = this.#firstIn(laid);
    return { at: rowAt(rows, spanOf(laid.rows[old]!)[1]), row: laid.canvas.top + old };
  }

  /** Once rows are on the page: scrolls to where they belong. */
  settle(laid: Laid, shift: number, place: Place, endReached: boolean): void {
    const isNew = this.laid?.generation !== laid.generation;
    this.laid = laid;
    if (this.#element === null) return;
    if (this.#heightPx === 0) this.measure();
    if (isNew) {
      const jumped = this.jumpRow !== undefined && place.at === 'index';
      this.jumpRow = undefined;
      this.following = place.at === 'end';
      if (jumped) this.#scrollTo(this.#top + shift * this.rowPx);
      else this.#scrollTo(this.#topOf(laid, place));
    } else if (this.following && endReached) this.#scrollTo(this.#bottomOf(laid));
    else if (shift !== 0) this.#scrollTo(this.#top + shift * this.rowPx);
  }

  reveal(at: number): void {
    const element = this.#element;
    if (element === null || this.laid === undefined) return;
    const top = (this.laid.canvas.top + at) * this.rowPx;
    const lowest = top + this.rowPx - this.#heightPx;
    // Not as by `#scrollTo`: this is the reader's own move.
    if (this.#top > top) element.scrollTop = top;
    else if (this.#top < lowest) element.scrollTop = lowest;
  }

  toEnd(): void {
    this.following = true;
    if (this.laid !== undefined) this.#scrollTo(this.#bottomOf(this.laid));
  }

  #scrollTo(top: number): void {
    const element = this.#element;
    if (element === null) return;
    element.scrollTop = top;
    this.#setTo = element.scrollTop;
    this.#top = this.#setTo;
  }

  #topOf(laid: Laid, place: Place): number {
    if (place.at === 'start') return 0;
    if (place.at === 'end') return this.#bottomOf(laid);
    const middle = laid.canvas.top + rowAt(laid.rows, place.index) + 0.5;
    return middle * this.rowPx - this.#heightPx / 2;
  }

  #bottomOf({ canvas }: Laid): number {
    return canvasRows(canvas) * this.rowPx;
  }

  #firstIn({ canvas, rows }: Laid): number {
    const first = Math.floor(this.#top / this.rowPx);
    return Math.min(rows.length - 1, Math.max(0, first - canvas.top));
  }
}
