/** Long work in short turns: the same thread takes what sources send. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Short beside what a request waits anyway. */
const TURN_MS_MAX = 8;

export class Turns {
  #began = performance.now();

  /** Between two pieces of work: gives the thread away once this turn was long enough. */
  async next(): Promise<void> {
    if (performance.now() - this.#began < TURN_MS_MAX) return;
    await nextTurn();
    this.#began = performance.now();
  }
}
