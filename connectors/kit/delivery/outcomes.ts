/**
 * Writes down what became of each alert: dead letters before the cursor passes them, the position,
 * the outcomes for the receipts, and the figures a person looks at.
 */
import type { DeliveryFailures } from '@vitrine/schema/api';
import { cutReason } from '../classify.ts';
import type { Clock } from '../clock.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Receipts } from './receipts.ts';
import type { PositionFile } from './state.ts';
import type { Entry, Window } from './window.ts';

export interface OutcomeParts {
  name: string;
  clock: Clock;
  window: Window;
  receipts: Receipts;
  letters: DeadLetters;
  position: PositionFile;
  log(line: string): void;
}

export class Outcomes {
  readonly #parts: OutcomeParts;
  /** Since the start of the process. */
  #delivered = 0;
  readonly #failures: DeliveryFailures = { retry: 0, split: 0, dead: 0, pause: 0 };
  #lastSuccessAt: number | undefined;
  /** Refusals in a row. */
  #refusals = 0;
  #lastError: { reason: string; at: number } | undefined;

  constructor(parts: OutcomeParts) {
    this.#parts = parts;
  }

  get delivered(): number {
    return this.#delivered;
  }

  /** Requests that brought nothing, by what became of them. */
  get failures(): DeliveryFailures {
    return { ...this.#failures };
  }

  get lastSuccessAt(): number | undefined {
    return this.#lastSuccessAt;
  }

  get refusals(): number {
    return this.#refusals;
  }

  get lastError(): { reason: string; at: number } | undefined {
    return this.#lastError;
  }

  /** The destination has it. */
  async accept(entry: Entry, answer: string): Promise<void> {
    const { letters, window } = this.#parts;
    this.#delivered++;
    this.#refusals = 0;
    this.#lastSuccessAt = this.#parts.clock.now();
    window.settle(entry, true);
    const kept = this.#settled(entry, 'delivered', answer);
    if (letters.get(entry.alert.id) === undefined) return;
    // Nobody sends it again once the letter is gone, so its receipt must be safe before.
    if (!(await kept)) return;
    // Without the line the letter is only listed, and may be replayed, once more.
    await letters.resolve(entry.alert.id, this.#now()).catch((error: unknown) => {
      this.trouble('cannot write the dead letters', error);
    });
  }

  /** Set aside as a dead letter; `false`, and nothing is settled, when that cannot be written. */
  async refuse(entry: Entry, reason: string): Promise<boolean> {
    const { name, letters, window, log } = this.#parts;
    const { alert, attempts, session } = entry;
    const rule = String(alert.record.rule ?? '');
    const place = { log: alert.log, index: alert.index, leaf: alert.leaf };
    this.fail('dead', reason);
    try {
      await letters.add({
        id: alert.id,
        ...place,
        session,
        rule,
        reason,
        attempts,
        at: this.#now(),
      });
    } catch (error) {
      this.trouble('cannot write the dead letters', error);
      return false;
    }
    this.#refusals++;
    window.settle(entry, false);
    log(`connector ${name}: dead letter ${alert.id}: ${reason}`);
    void this.#settled(entry, 'dead', reason);
    return true;
  }

  /**
   * A crash came between a dead letter and the position: the alert stays dead, or it would arrive
   * after later ones of its session.
   */
  keepDead(entry: Entry): void {
    const letter = this.#parts.letters.get(entry.alert.id);
    if (letter === undefined) return;
    this.#parts.window.settle(entry, false);
    void this.#settled(entry, 'dead', letter.reason);
  }

  /** One attempt brought nothing. */
  fail(kind: keyof DeliveryFailures, reason: string): void {
    this.#failures[kind]++;
    this.#lastError = { reason, at: this.#parts.clock.now() };
  }

  /** Something on our side of the wire; one line for as long as it stays the same. */
  trouble(what: string, error: unknown): void {
    const { name, log, clock } = this.#parts;
    const reason = cutReason(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    if (reason !== this.#lastError?.reason) log(`connector ${name}: ${reason}`);
    this.#lastError = { reason, at: clock.now() };
  }

  /** `false` when the position with its receipt could not be kept. Never rejects. */
  #settled(entry: Entry, outcome: 'delivered' | 'dead', answer: string): Promise<boolean> {
    const { receipts, position } = this.#parts;
    const { id, index, leaf } = entry.alert;
    receipts.add({ id, index, leaf, outcome, answer, at: this.#now() });
    return position.save().then(
      () => true,
      (error: unknown) => {
        this.trouble('cannot keep the position', error);
        return false;
      },
    );
  }

  /** Unix nanoseconds, decimal text. */
  #now(): string {
    return `${this.#parts.clock.now()}000000`;
  }
}
