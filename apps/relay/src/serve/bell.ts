/** Wakes long polls when something became durable, and lets all of them go at the end. */
import type { ServerResponse } from 'node:http';

export class Bell {
  #waiting = new Set<() => void>();
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  ring(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
  }

  close(): void {
    this.#closed = true;
    this.ring();
  }

  /** Resolves at the next ring, after `ms`, or when `response` has closed. */
  wait(ms: number, response: ServerResponse): Promise<void> {
    if (this.#closed || response.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        response.off('close', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      response.on('close', wake);
      this.#waiting.add(wake);
    });
  }
}
