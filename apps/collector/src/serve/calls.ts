/** How much a token has asked for and not taken yet, and whose turn it is to read. */
import type { ServerResponse } from 'node:http';
import {
  PULL_CALLS_PER_MINUTE_MAX,
  PULL_READS_MAX,
  PULL_READS_WAITING_MAX,
  PULL_SEND_MS_MAX,
  PULL_UNSENT_BYTES_MAX,
} from '@vitrine/schema';
import { ApiError } from '../api/errors.ts';

const MINUTE_MS = 60_000;
const MS_PER_S = 1_000;
const RETRY_SECONDS = 2;

export class Calls {
  readonly #nowMs: () => number;
  #began = Number.NEGATIVE_INFINITY;
  readonly #calls = new Map<string, number>();

  constructor(nowMs = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Counts one; PULL_LIMITED where it is one too many. Gives the headers of its answer. */
  count(token: string): Record<string, string> {
    const now = this.#nowMs();
    if (now - this.#began >= MINUTE_MS) {
      this.#began = now;
      this.#calls.clear();
    }
    const calls = (this.#calls.get(token) ?? 0) + 1;
    const seconds = Math.ceil((this.#began + MINUTE_MS - now) / MS_PER_S);
    if (calls > PULL_CALLS_PER_MINUTE_MAX) {
      const message = `this token has made ${PULL_CALLS_PER_MINUTE_MAX} calls in a minute`;
      throw new ApiError('PULL_LIMITED', message, undefined, { retryAfterSeconds: seconds });
    }
    this.#calls.set(token, calls);
    return {
      'ratelimit-limit': String(PULL_CALLS_PER_MINUTE_MAX),
      'ratelimit-remaining': String(PULL_CALLS_PER_MINUTE_MAX - calls),
      'ratelimit-reset': String(seconds),
    };
  }
}

/** Bytes of answers that wait for their reader: who does not take them is not given more. */
export class Unsent {
  readonly #bytes = new Map<string, number>();

  /** PULL_LIMITED where the token has to take first what it was given. */
  check(token: string): void {
    if ((this.#bytes.get(token) ?? 0) < PULL_UNSENT_BYTES_MAX) return;
    const message = `this token has ${PULL_UNSENT_BYTES_MAX} bytes that it does not take`;
    const more = { retryAfterSeconds: RETRY_SECONDS };
    throw new ApiError('PULL_LIMITED', message, undefined, more);
  }

  /** Counts an answer until it is taken, or broken off. */
  hold(token: string, response: ServerResponse, bytes: number): void {
    if (response.closed) return;
    this.#add(token, bytes);
    const late = setTimeout(() => response.destroy(), PULL_SEND_MS_MAX);
    late.unref();
    response.once('close', () => {
      clearTimeout(late);
      this.#add(token, -bytes);
    });
  }

  #add(token: string, bytes: number): void {
    const sum = (this.#bytes.get(token) ?? 0) + bytes;
    if (sum > 0) this.#bytes.set(token, sum);
    else this.#bytes.delete(token);
  }
}

/** Few read at a time, first come, first served: each page takes memory, and the engine's time. */
export class Reads {
  #reading = 0;
  readonly #waiting: (() => void)[] = [];

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#reading >= PULL_READS_MAX) {
      if (this.#waiting.length >= PULL_READS_WAITING_MAX) {
        const message = `${PULL_READS_WAITING_MAX} calls wait for their turn already`;
        const more = { retryAfterSeconds: RETRY_SECONDS };
        throw new ApiError('PULL_LIMITED', message, undefined, more);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#reading++;
    try {
      return await work();
    } finally {
      // Whoever is next has this one's place: nobody comes between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#reading--;
      else next();
    }
  }
}
