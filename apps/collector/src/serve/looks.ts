/**
 * Who reads what by the consumer API, as records of `log/audit`. A poller asks every few seconds: a
 * record for each call would make the log grow by its being read, and a reader of `access` would
 * wake itself for ever. So the first call of a reader is a record before it is answered, and what
 * it read from then on is one more, `PULL_LOOK_MS` later. A crash in between loses the sums, never
 * the fact: nobody reads without a record that says from where.
 */
import { type JsonObject, PULL_LOOK_MS, PULL_LOOKS_MAX } from '@vitrine/schema';
import type { PullStream } from '@vitrine/schema/api';
import type { Principal } from '../access/may.ts';

/** What one reader reads: the same for all calls that are told together. */
export interface Look {
  principal: Principal;
  stream: PullStream;
  /** Filters, format, consumer, whether parts are told: what the record says beside the sums. */
  how: JsonObject;
}

/** What one call gave. */
export interface Given {
  records: number;
  /** Leaves; `null` where there was none. */
  first: number | null;
  last: number | null;
}

export interface LooksOptions {
  /** Durable when it resolves. */
  append: (fields: JsonObject) => Promise<unknown>;
  nowMs: () => number;
  print: (line: string) => void;
}

interface Open {
  look: Look;
  began: number;
  calls: number;
  records: number;
  first: number | null;
  last: number | null;
  /** Its first record; none yet where only the end of an earlier call is to be told. */
  said: Promise<unknown> | undefined;
}

const CHECK_MS = 5_000;

export class Looks {
  readonly #options: LooksOptions;
  /** The oldest first. */
  readonly #open = new Map<string, Open>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: LooksOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#end(PULL_LOOK_MS), CHECK_MS);
    this.#timer.unref();
  }

  /**
   * Resolves when the log will say that this reader reads, from leaf `from` on. What is given to
   * the result is told later. Rejects where the queue takes nothing: then nothing may be read.
   */
  async begin(look: Look, from: number): Promise<(given: Given) => void> {
    const key = JSON.stringify([look.principal.id, look.stream, look.how]);
    const open = this.#openOf(key, look);
    if (open.said === undefined) {
      open.said = this.#options.append(fieldsOf(look, { state: 'began', from }));
      await this.#endOldest();
    }
    try {
      await open.said;
    } catch (error) {
      if (this.#open.get(key) === open) this.#open.delete(key);
      throw error;
    }
    this.#openOf(key, look).calls++;
    return ({ records, first, last }) => {
      // A call may wait so long that what it began with is told by now.
      const mine = this.#openOf(key, look);
      mine.records += records;
      mine.first = leastOf(mine.first, first);
      mine.last = last ?? mine.last;
    };
  }

  #openOf(key: string, look: Look): Open {
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const began = this.#options.nowMs();
    const open = { look, began, calls: 0, records: 0, first: null, last: null, said: undefined };
    this.#open.set(key, open);
    return open;
  }

  /** Tells what is not told yet. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#end(0);
  }

  async #end(ageMs: number): Promise<void> {
    const now = this.#options.nowMs();
    for (const [key, open] of this.#open) {
      if (now - open.began < ageMs) break;
      await this.#tell(key, open);
    }
  }

  async #endOldest(): Promise<void> {
    const [oldest] = this.#open;
    if (this.#open.size > PULL_LOOKS_MAX && oldest !== undefined) await this.#tell(...oldest);
  }

  async #tell(key: string, { look, began, calls, records, first, last }: Open): Promise<void> {
    this.#open.delete(key);
    if (calls === 0 && records === 0) return;
    const span = first === null || last === null ? {} : { first, last };
    const seconds = Math.ceil((this.#options.nowMs() - began) / 1_000);
    const sums = { state: 'ended', calls, records, seconds, ...span };
    try {
      await this.#options.append(fieldsOf(look, sums));
    } catch (error) {
      this.#options.print(`pull: the sums of a reader are lost: ${String(error)}`);
    }
  }
}

function leastOf(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

function fieldsOf({ principal, stream, how }: Look, sums: JsonObject): JsonObject {
  const by = { token: principal.id, role: principal.role };
  return { action: `pull.${stream}`, target: { name: stream }, by, pull: { ...how, ...sums } };
}
