/**
 * Why nothing goes out: the answers say that settings are wrong, which is tried again now and then,
 * or a person wants it so, which holds until a person says otherwise.
 */
import type { Clock } from '../clock.ts';
import type { Held } from './state.ts';
import type { Timers } from './timers.ts';

interface PauseOptions {
  name: string;
  clock: Clock;
  timers: Timers;
  pauseMs: number;
  log(line: string): void;
  /** What waited may go out, one request first. */
  goOn(): void;
}

export class Pauses {
  readonly #options: PauseOptions;
  /** Kept by the position file. */
  readonly #kept: { held?: Held | undefined };
  /** Of the pause that answers caused. */
  #reason: string | undefined;
  #cancel: () => void = () => {};

  constructor(options: PauseOptions, kept: { held?: Held | undefined }) {
    this.#options = options;
    this.#kept = kept;
  }

  get paused(): boolean {
    return this.by !== null;
  }

  get by(): 'person' | 'answers' | null {
    if (this.#kept.held !== undefined) return 'person';
    return this.#reason === undefined ? null : 'answers';
  }

  get reason(): string | null {
    return this.#kept.held?.reason ?? this.#reason ?? null;
  }

  answersSay(reason: string): void {
    if (this.#reason !== undefined) return;
    const { name, log, timers, pauseMs } = this.#options;
    this.#reason = reason;
    log(`connector ${name}: paused: ${reason}`);
    this.#cancel = timers.later(pauseMs, () => this.tryAgain('it is time to try again'));
  }

  /** Ends what the answers caused; a person's pause stays. */
  tryAgain(why: string): void {
    if (this.#reason === undefined) return;
    const { name, log, goOn } = this.#options;
    this.#cancel();
    this.#reason = undefined;
    if (this.#kept.held !== undefined) return;
    log(`connector ${name}: goes on: ${why}`);
    goOn();
  }

  personSays(reason: string): void {
    const { name, log, clock } = this.#options;
    this.#kept.held = { reason, at: `${clock.now()}000000` };
    log(`connector ${name}: paused by a person: ${reason}`);
  }

  /** Ends every pause. */
  personResumes(): void {
    const { name, log, goOn } = this.#options;
    if (!this.paused) return;
    this.#cancel();
    this.#kept.held = undefined;
    this.#reason = undefined;
    log(`connector ${name}: goes on: a person said so`);
    goOn();
  }
}
