/** Long work in short turns: the same thread takes what sources send. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Short beside what a request waits anyway. */
export const TURN_MS_MAX = 8;

export class Turns {
  #began = performance.now();

  /** Between two pieces of work: gives the thread away once this turn was long enough. */
  async next(): Promise<void> {
    if (performance.now() - this.#began < TURN_MS_MAX) return;
    await nextTurn();
    this.#began = performance.now();
  }
}

/** Many who work beside each other: one has a turn, then whatever else waits for the thread. */
export class Line {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is the caller's turn: first come, first served. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(() => this.#serve());
    });
  }

  #serve(): void {
    this.#waiting[0]!();
    // Where its work is done in this turn, it is behind the others now, or gone.
    setImmediate(() => {
      this.#waiting.shift();
      if (this.#waiting.length > 0) this.#serve();
    });
  }
}
