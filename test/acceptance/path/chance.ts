/** Chance that can be repeated: the same seed, the same run, as far as the machine allows. */

/** Marsaglia's xorshift, 32 bits. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed | 0) === 0 ? 1 : seed | 0;
  }

  /** From 0 up to, and without, 1. */
  fraction(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) / 2 ** 32;
  }

  /** A whole number of [first, end). */
  between(first: number, end: number): number {
    return first + Math.floor(this.fraction() * (end - first));
  }

  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const k = this.between(0, i + 1);
      [shuffled[i], shuffled[k]] = [shuffled[k]!, shuffled[i]!];
    }
    return shuffled;
  }
}
