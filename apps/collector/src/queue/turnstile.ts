/**
 * The thread as something that senders share: whoever has much to be read gets one request read,
 * then everybody else who waits gets one, and what else the process has to do comes in between.
 */
export class Turnstile {
  readonly #lanes = new Map<string, (() => void)[]>();
  #open = true;

  /** Resolves when it is this sender's turn. */
  pass(sender: string): Promise<void> {
    return new Promise((resolve) => {
      const lane = this.#lanes.get(sender);
      if (lane === undefined) this.#lanes.set(sender, [resolve]);
      else lane.push(resolve);
      if (this.#open) this.#next();
    });
  }

  /** The sender that comes first in the map; then it stands last in it. */
  #next(): void {
    const first = this.#lanes.entries().next();
    this.#open = first.done === true;
    if (first.done === true) return;
    const [sender, lane] = first.value;
    this.#lanes.delete(sender);
    const resolve = lane.shift()!;
    if (lane.length > 0) this.#lanes.set(sender, lane);
    resolve();
    setImmediate(() => this.#next());
  }
}
