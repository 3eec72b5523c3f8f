/**
 * Lets parts expire: a job of our own, for the engine's TTL is no deadline and announces nothing.
 * One `expire` record for all leaves sealed before a time, then their parts go, however many.
 */
import { type JsonObject, RETENTION_STEP_MS_MAX } from '@vitrine/schema';
import { EVERY_PART, type Store } from '@vitrine/store';
import type { PublishedNote } from '../sequence/intents.ts';
import { type AnnounceTarget, announce } from './announce.ts';
import { announcedKey, type Redactor } from './redactor.ts';

/** Days that parts are kept; what is not named is kept for ever. */
export interface PartRetention {
  parts?: number | undefined;
  /** By the name of a part; fewer days than `parts`. */
  named: Record<string, number>;
}

export interface RetentionOptions extends AnnounceTarget {
  store: Store;
  log: string;
  redactor: Redactor;
  kept: PartRetention;
  published: () => PublishedNote | null;
  print: (line: string) => void;
}

const DAY_NS = 86_400_000_000_000;
const DAY_MS = 86_400_000;
/** Looks for what has expired so many times in the span that parts are kept. */
const STEPS = 24;
const STEP_MS_MIN = 1_000;

export class Retention {
  readonly #options: RetentionOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  readonly #stopped: Promise<void>;
  #endWaiting: () => void = () => {};

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#stopped = new Promise((resolve) => {
      this.#endWaiting = resolve;
    });
  }

  start(): void {
    const rules = rulesOf(this.#options.kept);
    if (rules.length === 0) return;
    const least = Math.min(...rules.map(({ days }) => days)) * DAY_MS;
    const stepMs = Math.max(STEP_MS_MIN, Math.min(RETENTION_STEP_MS_MAX, least / STEPS));
    this.#running = this.#look();
    this.#timer = setInterval(() => {
      this.#running ??= this.#look();
    }, stepMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#endWaiting();
    await this.#running;
  }

  async #look(): Promise<void> {
    try {
      for (const rule of rulesOf(this.#options.kept)) await this.#expire(rule);
    } catch (error) {
      this.#options.print(`retention: waits for the next look: ${String(error)}`);
    }
    this.#running = undefined;
  }

  async #expire({ part, days }: Rule): Promise<void> {
    const { store, log, redactor, clock, published } = this.#options;
    const size = published()?.size ?? 0;
    const before = clock.nowNs() - BigInt(Math.round(days * DAY_NS));
    const below = await store.sizeBefore(log, size, before);
    if (below === 0 || !(await store.erasure.standsBelow(log, part, below))) return;
    const target = { below, part };
    const reason = `parts are kept for ${days} days`;
    const by: JsonObject = { job: 'retention' };
    const expectation = redactor.expect([announcedKey(target)]);
    try {
      await announce(this.#options, [target], { by, reason });
      await Promise.race([expectation.done, this.#stopped]);
    } finally {
      expectation.end();
    }
  }
}

interface Rule {
  part: string;
  days: number;
}

function rulesOf({ parts, named }: PartRetention): Rule[] {
  const rules = Object.entries(named).map(([part, days]) => ({ part, days }));
  return parts === undefined ? rules : [...rules, { part: EVERY_PART, days: parts }];
}
