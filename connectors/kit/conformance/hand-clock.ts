/** A clock that only tests move: no test waits for a backoff, and each runs the same every time. */
import type { Clock } from '../clock.ts';

/** As Node calls a request to the disk, and the closing of a file. */
const DISK_WORK = ['FSReqPromise', 'CloseReq'];

/**
 * Lets everything run that waits for no clock: until the disk has had nothing to do for so many
 * turns of the event loop, more than any chain of promises here is long.
 */
export async function settle(quietTurns: number): Promise<void> {
  for (let quiet = 0; quiet < quietTurns; quiet++) {
    await new Promise((done) => setImmediate(done));
    if (process.getActiveResourcesInfo().some((name) => DISK_WORK.includes(name))) quiet = 0;
  }
}

interface Timer {
  at: number;
  run: () => void;
}

export class HandClock implements Clock {
  #wall = Date.parse('2026-11-25T10:00:00Z');
  #monotonic = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#monotonic + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Runs what becomes due, in order; what that starts is due within the same stretch as well. */
  advance(ms: number): void {
    const end = this.#monotonic + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#move(next.at);
      next.run();
    }
    this.#move(end);
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= end);
    return due.toSorted((a, b) => a.at - b.at)[0];
  }

  #move(to: number): void {
    this.#wall += to - this.#monotonic;
    this.#monotonic = to;
  }
}
