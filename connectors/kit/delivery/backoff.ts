/** How long to wait, and when to stop asking a destination that does not answer. */
import { DELIVERY_BREAKER_FAILURES } from '@vitrine/schema';

export interface BackoffOptions {
  retryMsMin: number;
  retryMsMax: number;
  random: () => number;
}

/** 2^30 times the shortest wait is beyond every longest one. */
const DOUBLINGS_MAX = 30;

/** Full jitter: anything from 0 to the doubled bound, so that senders do not march in step. */
export function retryWaitMs(failures: number, options: BackoffOptions): number {
  const { retryMsMin, retryMsMax, random } = options;
  const doubled = retryMsMin * 2 ** Math.min(failures, DOUBLINGS_MAX);
  return Math.ceil(random() * Math.min(retryMsMax, doubled));
}

/** What one attempt says of the destination as a whole. */
export type Health = 'answers' | 'fails' | 'unknown';

/** One attempt, from `start` to `finish`. */
export interface Trial {
  ids: string[];
  probe: boolean;
}

/**
 * Opens when the destination fails several times in a row and for more than one alert: a single
 * alert that fails is held back by its own lane. While it is open, one probe at a time goes out
 * until one is answered. All times are monotonic milliseconds.
 */
export class Breaker {
  readonly #options: BackoffOptions;
  /** In a row, and of which alerts. */
  #failures = 0;
  readonly #failing = new Set<string>();
  #open = false;
  /** Since it opened: how often nothing was to be had. What failed at once counts once. */
  #waits = 0;
  #probing = false;
  /** Nothing is sent before. */
  #until = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  get open(): boolean {
    return this.#open;
  }

  /** Whether a request may go out; the caller sends it between `start` and `finish`. */
  admits(now: number): boolean {
    return now >= this.#until && !(this.#open && this.#probing);
  }

  start(ids: string[]): Trial {
    if (this.#open) this.#probing = true;
    return { ids, probe: this.#open };
  }

  /** Answers how long the breaker now keeps requests back, 0 when it does not. */
  finish({ ids, probe }: Trial, health: Health, now: number): number {
    if (probe) this.#probing = false;
    if (health === 'answers') {
      this.#failures = 0;
      this.#failing.clear();
      this.#open = false;
    }
    // What was under way when the breaker opened tells nothing new.
    if (health !== 'fails' || (this.#open && !probe)) return 0;
    this.#failures++;
    for (const id of ids.slice(0, 2)) this.#failing.add(id);
    if (!this.#open && (this.#failures < DELIVERY_BREAKER_FAILURES || this.#failing.size < 2)) {
      return 0;
    }
    this.#waits = this.#open ? this.#waits + 1 : 0;
    this.#open = true;
    const waitMs = retryWaitMs(this.#waits, this.#options);
    this.hold(waitMs, now);
    return waitMs;
  }

  /** The destination asked for rest. */
  hold(waitMs: number, now: number): void {
    this.#until = Math.max(this.#until, now + waitMs);
  }

  /** After a pause: one probe before everything goes out again. */
  probeFirst(): void {
    this.#open = true;
    this.#probing = false;
  }
}
