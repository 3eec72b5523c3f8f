/**
 * Alerts that a destination took and has yet to make safe. Their lanes are held until it says so;
 * if it never does, they go out again under the same ids.
 */
import type { Outcome } from '../contract.ts';
import type { Entry } from './window.ts';

interface Ticket {
  entries: Entry[];
  answer: string;
  tries: number;
}

interface ConfirmationOptions {
  pollMs: number;
  triesMax: number;
  ask(tickets: string[]): Promise<Map<string, boolean> | Outcome>;
  later(ms: number, run: () => void): void;
  accept(entries: Entry[], answer: string): Promise<void>;
  /** Back to their lanes. */
  again(entries: Entry[], reason: string): void;
  pause(reason: string): void;
}

export class Confirmations {
  readonly #options: ConfirmationOptions;
  readonly #tickets = new Map<string, Ticket>();
  #polling: Promise<void> | undefined;
  #scheduled = false;

  constructor(options: ConfirmationOptions) {
    this.#options = options;
  }

  /** Alerts that wait for a confirmation. */
  get size(): number {
    return [...this.#tickets.values()].reduce((sum, { entries }) => sum + entries.length, 0);
  }

  hold(ticket: string, entries: Entry[], answer: string): void {
    const older = this.#tickets.get(ticket);
    // The destination began to count anew: what it says of this number is no longer about them.
    if (older !== undefined) this.#options.again(older.entries, 'its ticket was given out twice');
    this.#tickets.set(ticket, { entries, answer, tries: 0 });
    this.#schedule();
  }

  /** Asks now; resolves when what was confirmed is settled. */
  poll(): Promise<void> {
    this.#polling ??= this.#poll().finally(() => {
      this.#polling = undefined;
      this.#schedule();
    });
    return this.#polling;
  }

  #schedule(): void {
    if (this.#scheduled || this.#tickets.size === 0) return;
    this.#scheduled = true;
    this.#options.later(this.#options.pollMs, () => {
      this.#scheduled = false;
      void this.poll();
    });
  }

  async #poll(): Promise<void> {
    const asked = new Map(this.#tickets);
    if (asked.size === 0) return;
    const said = await this.#options.ask([...asked.keys()]);
    const reason = said instanceof Map ? 'it was not confirmed in time' : reasonOf(said);
    for (const [name, ticket] of asked) {
      // Another one of this number came meanwhile.
      if (this.#tickets.get(name) !== ticket) continue;
      ticket.tries++;
      if (said instanceof Map && said.get(name) === true) {
        this.#tickets.delete(name);
        await this.#options.accept(ticket.entries, `${ticket.answer}, confirmed`);
      } else if (ticket.tries >= this.#options.triesMax) {
        this.#tickets.delete(name);
        this.#options.again(ticket.entries, reason);
      }
    }
    if (!(said instanceof Map) && said.kind === 'pause') this.#options.pause(said.reason);
  }
}

function reasonOf(outcome: Outcome): string {
  return 'reason' in outcome ? outcome.reason : outcome.answer;
}
