/** How much goes out at a time: requests as the destination bears them, alerts as a person says. */
import { DELIVERY_CONCURRENT_START } from '@vitrine/schema';

/**
 * Additive increase, multiplicative decrease: every round of successes adds one request, every
 * round with a failure halves them.
 */
export class Concurrency {
  readonly #max: number;
  #limit: number;
  /** Grows with every halving: what was sent before one says nothing about it. */
  #round = 0;

  constructor(max: number) {
    this.#max = max;
    this.#limit = Math.min(max, DELIVERY_CONCURRENT_START);
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Of a request that goes out now. */
  get round(): number {
    return this.#round;
  }

  succeeded(): void {
    this.#limit = Math.min(this.#max, this.#limit + 1 / this.#limit);
  }

  failed(round: number): void {
    if (round !== this.#round) return;
    this.#round++;
    this.#limit = Math.max(1, this.#limit / 2);
  }
}

const MS_PER_S = 1_000;

/** A token bucket that holds one second; a batch may overdraw it and is paid off later. */
export class Rate {
  readonly #perSecond: number;
  #tokens: number;
  #at: number;

  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#tokens = Math.max(1, perSecond);
    this.#at = now;
  }

  /** Milliseconds until something may go out, 0 when it may now. */
  waitMs(now: number): number {
    const grown = this.#tokens + ((now - this.#at) * this.#perSecond) / MS_PER_S;
    this.#tokens = Math.min(Math.max(1, this.#perSecond), grown);
    this.#at = now;
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) * MS_PER_S) / this.#perSecond);
  }

  spend(alerts: number): void {
    this.#tokens -= alerts;
  }
}
