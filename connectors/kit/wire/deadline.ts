/** The end of one attempt: its time is over, or the connector stops. Leaves nothing behind. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #stop: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #stopped = (): void => this.#controller.abort(this.#stop.reason);
  #late = false;

  /** The caller calls `end`, whatever happens. */
  constructor(ms: number, stop: AbortSignal) {
    this.#stop = stop;
    this.#timer = setTimeout(() => {
      this.#late = true;
      this.#controller.abort();
    }, ms);
    if (stop.aborted) this.#stopped();
    else stop.addEventListener('abort', this.#stopped, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether it was the time. */
  get late(): boolean {
    return this.#late;
  }

  /** Resolves with nothing when it is over. */
  over(): Promise<undefined> {
    const { signal } = this;
    return new Promise((done) => {
      if (signal.aborted) done(undefined);
      else signal.addEventListener('abort', () => done(undefined), { once: true });
    });
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#stop.removeEventListener('abort', this.#stopped);
  }
}
