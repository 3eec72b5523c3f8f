/**
 * The measure of a window that slides, kept up with each record that comes and goes: to go through
 * the whole window for each record costs the square of a flood. Always what `measure` finds.
 */
import type { Mark } from './marks.ts';
import { measure, rankIn } from './measure.ts';
import type { Counting } from './read.ts';

export class Tally {
  readonly #type: Counting;
  readonly #counts = new Map<Mark['value'], number>();
  /** Numbers in their order. */
  readonly #ranked: number[] = [];
  /** Exact while all that was ever in it were whole numbers, and it was one that can be told. */
  #sum = 0;
  #isExact = true;

  constructor(type: Counting) {
    this.#type = type;
  }

  add(value: Mark['value']): void {
    if (this.#type === 'value_count') this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
    else if (typeof value !== 'number') return;
    else if (this.#type === 'value_percentile') this.#ranked.splice(this.#placeOf(value), 0, value);
    else this.#shift(value, 1);
  }

  remove(value: Mark['value']): void {
    if (this.#type === 'value_count') {
      const count = this.#counts.get(value)! - 1;
      if (count === 0) this.#counts.delete(value);
      else this.#counts.set(value, count);
    } else if (typeof value !== 'number') return;
    else if (this.#type === 'value_percentile') this.#ranked.splice(this.#placeOf(value), 1);
    else this.#shift(value, -1);
  }

  /** Of these, which are all that was added and not removed. */
  of(marks: readonly Mark[], percentile: number): number {
    switch (this.#type) {
      case 'value_count':
        return this.#counts.size;
      case 'value_percentile':
        return rankIn(this.#ranked, percentile);
      case 'value_sum':
      case 'value_avg':
        if (!this.#isExact) break;
        return this.#type === 'value_sum' ? this.#sum : this.#sum / marks.length;
    }
    return measure(this.#type, marks, percentile);
  }

  #shift(value: number, by: 1 | -1): void {
    this.#sum += by * value;
    this.#isExact &&= Number.isSafeInteger(value) && Number.isSafeInteger(this.#sum);
  }

  /** Of the first that is not smaller. */
  #placeOf(value: number): number {
    let low = 0;
    let high = this.#ranked.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ranked[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
