/** The timers of one delivery, which a stop takes back all at once. */
import type { Clock } from '../clock.ts';

export class Timers {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A millisecond late, because timers may be early. The answer cancels it. */
  later(ms: number, run: () => void): () => void {
    if (this.#stopped) return () => {};
    const stopTimer = this.#clock.after(ms + 1, () => {
      this.#waiting.delete(cancel);
      run();
    });
    const cancel = (): void => {
      this.#waiting.delete(cancel);
      stopTimer();
    };
    this.#waiting.add(cancel);
    return cancel;
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#waiting) cancel();
  }
}
