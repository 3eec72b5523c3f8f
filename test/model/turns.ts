/**
 * Writers that take turns: each stops at every gate, and only the schedule decides who goes on and
 * who dies there. The same decisions give the same run.
 */

/** The process of a writer is gone: nothing of it runs on. */
export class Killed extends Error {}

export class Turns {
  /** Why it ended, when it did so by itself. */
  failure: unknown;
  ended = false;
  #go: () => void;
  #die: (error: Killed) => void = () => this.#end(undefined);
  #arrived: () => void = () => {};

  /** `run` begins at the first `advance`. */
  constructor(run: (turns: Turns) => Promise<void>) {
    this.#go = () => {
      run(this).then(
        () => this.#end(undefined),
        (error: unknown) => this.#end(error instanceof Killed ? undefined : error),
      );
    };
  }

  /** Called by the writer where it may be stopped. */
  gate(): Promise<void> {
    const turn = new Promise<void>((go, die) => {
      this.#go = go;
      this.#die = die;
    });
    this.#arrived();
    return turn;
  }

  /** Lets it run to its next gate, or to its end. */
  async advance(): Promise<void> {
    await this.#until(() => this.#go());
  }

  async kill(): Promise<void> {
    if (!this.ended) await this.#until(() => this.#die(new Killed()));
  }

  async #until(act: () => void): Promise<void> {
    const arrived = new Promise<void>((resolve) => {
      this.#arrived = resolve;
    });
    act();
    await arrived;
  }

  #end(failure: unknown): void {
    this.ended = true;
    this.failure = failure;
    this.#arrived();
  }
}
