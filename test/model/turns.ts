/**
 * Writers that take turns: each stops at every gate, and only the schedule decides which of the
 * things that it does at once goes on, and who dies there. The same decisions give the same run.
 */
import { setImmediate as settled } from 'node:timers/promises';
import type { Chance } from '../acceptance/path/chance.ts';

/** The process of a writer is gone: nothing of it runs on. */
export class Killed extends Error {}

/** Who is on the way to a gate is there after one, or, where it gives up the thread, after two. */
const ROUNDS_MIN = 2;
const ROUNDS_MAX = 5;

interface Gate {
  go: () => void;
  die: (error: Killed) => void;
}

export class Turns {
  /** Why it ended, when it did so by itself. */
  failure: unknown;
  ended = false;
  readonly #chance: Chance;
  #gates: Gate[] = [];
  #begin: (() => void) | undefined;
  #dead = false;

  /** Whoever notices is told to stop: the rest is rejected at its next gate. */
  get dead(): boolean {
    return this.#dead;
  }

  /** `run` begins at the first `advance`. */
  constructor(chance: Chance, run: (turns: Turns) => Promise<void>) {
    this.#chance = chance;
    this.#begin = () => {
      run(this).then(
        () => this.#end(undefined),
        (error: unknown) => this.#end(this.#dead ? undefined : error),
      );
    };
  }

  /** Called by the writer where it may be stopped. */
  gate(): Promise<void> {
    return new Promise((go, die) => {
      if (this.#dead) die(new Killed());
      else this.#gates.push({ go, die });
    });
  }

  /** Lets one thing that it does run to its next gate, or to its end. */
  async advance(): Promise<void> {
    const begin = this.#begin;
    this.#begin = undefined;
    if (begin !== undefined) begin();
    else this.#gates.splice(this.#chance.between(0, this.#gates.length), 1)[0]!.go();
    for (let i = 0; i < ROUNDS_MAX; i++) {
      await settled();
      if (i + 1 < ROUNDS_MIN) continue;
      if (this.ended || this.#gates.length > 0) return;
    }
    if (!this.#dead) throw new Error('it waits for nothing');
  }

  async kill(): Promise<void> {
    this.die();
    await settled();
  }

  /** At once, in the middle of whatever it does: nothing of it passes a gate any more. */
  die(): void {
    this.#dead = true;
    for (const { die } of this.#gates.splice(0)) die(new Killed());
    if (this.#begin !== undefined) this.#end(undefined);
  }

  #end(failure: unknown): void {
    this.ended = true;
    this.failure = failure;
  }
}
