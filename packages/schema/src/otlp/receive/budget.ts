/** The memory a receiver may hold in request bodies: senders beyond it are asked to come again. */
export class Budget {
  readonly #max: number;
  #held = 0;

  constructor(bytesMax: number) {
    this.#max = bytesMax;
  }

  get held(): number {
    return this.#held;
  }

  /** False, and nothing is held, when it would be too much. */
  take(bytes: number): boolean {
    if (this.#held + bytes > this.#max) return false;
    this.#held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}
