/** Lines with a look at the next one. */
export class Ahead {
  readonly #lines: AsyncGenerator<string>;
  #next: Promise<IteratorResult<string>> | undefined;

  constructor(lines: AsyncGenerator<string>) {
    this.#lines = lines;
  }

  async peek(): Promise<string | undefined> {
    this.#next ??= this.#lines.next();
    const { done, value } = await this.#next;
    return done === true ? undefined : value;
  }

  async next(): Promise<string | undefined> {
    const value = await this.peek();
    this.#next = undefined;
    return value;
  }

  /** Closes the files behind it. */
  async close(): Promise<void> {
    await this.#lines.return(undefined);
  }
}
