/** The memory a receiver may hold in request bodies: senders beyond it are asked to come again. */

/** What a body takes its memory from, and gives it back to. */
export interface Memory {
  /** False, and nothing is held, when it would be too much. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

export class Budget implements Memory {
  readonly #max: number;
  #held = 0;
  /** Bytes of each sender that holds any. */
  readonly #shares = new Map<string, number>();

  constructor(bytesMax: number) {
    this.#max = bytesMax;
  }

  get held(): number {
    return this.#held;
  }

  take(bytes: number): boolean {
    if (this.#held + bytes > this.#max) return false;
    this.#held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }

  /**
   * The same memory for one sender, which takes no more of it than it leaves free: one gets a half,
   * two that take all they can a third each, and whoever comes next finds room.
   */
  shareOf(sender: string): Memory {
    const held = (): number => this.#shares.get(sender) ?? 0;
    return {
      take: (bytes) => {
        const own = held() + bytes;
        if (own > this.#max - this.#held - bytes || !this.take(bytes)) return false;
        this.#shares.set(sender, own);
        return true;
      },
      give: (bytes) => {
        this.give(bytes);
        const own = held() - bytes;
        if (own > 0) this.#shares.set(sender, own);
        else this.#shares.delete(sender);
      },
    };
  }
}
