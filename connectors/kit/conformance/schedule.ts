/** What goes wrong, and when: drawn from a seed, so that every run can be repeated. */

const FAULTS = [
  'status-401',
  'status-400',
  'status-413',
  'status-429',
  'status-500',
  'hang',
  'hang-kept',
  'reset',
  'reset-kept',
  'hidden',
  'certificate',
  'dns',
  'kill-before',
  'kill-after',
  'unconfirmed',
] as const;
export type FaultName = (typeof FAULTS)[number];

/** A sequence of numbers from 0 up to 1 (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Schedule {
  readonly random: () => number;
  /** One for each request; `undefined` for those that go well. */
  readonly #faults: (FaultName | undefined)[];

  constructor(seed: number) {
    this.random = randomOf(seed);
    const share = 0.2 + 0.7 * this.random();
    this.#faults = Array.from({ length: 4 + this.below(24) }, () => {
      return this.random() < share ? FAULTS[this.below(FAULTS.length)] : undefined;
    });
  }

  /** Of the request that goes out now. */
  next(): FaultName | undefined {
    return this.#faults.shift();
  }

  /** A whole number from 0 up to `bound`. */
  below(bound: number): number {
    return Math.floor(this.random() * bound);
  }
}
