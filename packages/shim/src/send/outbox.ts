/**
 * The way out of a shim: numbers every event, sends in order with one request in flight, tries
 * again until the relay has it, and tells the shim when to stop reading. Owns the numbering; a
 * number that never arrives is a hole the relay reports.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  encodeLogsRequest,
  type OutgoingLog,
  SHIM_BATCH_EVENTS_MAX,
  SHIM_QUEUE_EVENTS_MAX,
  SHIM_RETRY_MS_FIRST,
  SHIM_RETRY_MS_MAX,
} from '@vitrine/schema';
import { ShimError } from '../error.ts';
import { nowNanos, type ShimEvent } from './event.ts';

export interface OutboxOptions {
  /** Name of the shim: resource attribute `vitrine.shim.name`. */
  shim: string;
  post: (body: Buffer) => Promise<void>;
  /** How long a batch waits for more events; 0 where an alert hangs on it. */
  waitMs: number;
  log: (line: string) => void;
  /** Off for words about another shim, which has a numbering of its own. */
  numbered?: boolean;
}

interface Waiting {
  log: OutgoingLog;
  done: () => void;
  failed: (error: ShimError) => void;
}

export class Outbox {
  readonly #options: OutboxOptions;
  #waiting: Waiting[] = [];
  #sending: Promise<void> | undefined;
  #closed = false;
  #seq = 0;
  #onRoom: (() => void) | undefined;
  /** Wakes the pause before a batch or a retry. */
  #wake = new AbortController();
  readonly counts = { sent: 0, dropped: 0, refused: 0 };

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Events that are not durable yet. */
  get size(): number {
    return this.#waiting.length;
  }

  get full(): boolean {
    return this.#waiting.length >= SHIM_QUEUE_EVENTS_MAX;
  }

  /** Calls `listener` once, when less than half of the room is taken. */
  onRoom(listener: () => void): void {
    this.#onRoom = listener;
  }

  /**
   * Resolves when the relay has the event on disk. Rejects with SEND_UNHEARD after `boundMs`: the
   * event stays in line and is told when the relay is back; with SEND_REFUSED when it never will
   * be.
   */
  add(event: ShimEvent, boundMs?: number): Promise<void> {
    const log = this.#numbered(event);
    if (this.#closed || this.#waiting.length >= 2 * SHIM_QUEUE_EVENTS_MAX) {
      this.counts.dropped++;
      const hint = 'the hole in the numbering tells of it';
      return Promise.reject(new ShimError('SEND_UNHEARD', 'no room for the event', hint));
    }
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const settled = <T>(then: (value: T) => void): ((value: T) => void) => {
        return (value) => {
          clearTimeout(timer);
          then(value);
        };
      };
      this.#waiting.push({ log, done: settled(resolve), failed: settled(reject) });
      if (boundMs !== undefined) {
        const late = new ShimError('SEND_UNHEARD', `the relay was silent for ${boundMs} ms`);
        timer = setTimeout(() => reject(late), boundMs);
      }
      if (this.#waiting.length >= SHIM_BATCH_EVENTS_MAX && this.#options.waitMs > 0) {
        this.#wake.abort();
      }
      this.#sending ??= this.#sendAll();
    });
  }

  /** Waits until all is durable, at most `boundMs`; nothing can be added after. */
  async close(boundMs: number): Promise<void> {
    this.#closed = true;
    this.#wake.abort();
    const bound = new AbortController();
    const late = sleep(boundMs, undefined, { signal: bound.signal }).catch(() => {});
    await Promise.race([this.#sending, late]);
    bound.abort();
    const left = this.#waiting.splice(0);
    this.counts.dropped += left.length;
    const gone = new ShimError('SEND_UNHEARD', 'the shim ends before the relay is back');
    for (const item of left) item.failed(gone);
  }

  #numbered({ kind, t, attributes }: ShimEvent): OutgoingLog {
    const timeUnixNano = t;
    const number = this.#options.numbered === false ? {} : { 'vitrine.shim.seq': this.#seq++ };
    const numbered = { ...attributes, ...number };
    return {
      eventName: kind,
      timeUnixNano,
      observedTimeUnixNano: nowNanos(),
      attributes: numbered,
    };
  }

  async #sendAll(): Promise<void> {
    let pauseMs = SHIM_RETRY_MS_FIRST;
    let take = SHIM_BATCH_EVENTS_MAX;
    while (this.#waiting.length > 0) {
      if (this.#waiting.length < SHIM_BATCH_EVENTS_MAX) await this.#pause(this.#options.waitMs);
      const batch = this.#waiting.slice(0, take);
      const error = await this.#send(batch);
      // One event that cannot be taken must not cost its neighbours.
      if (error?.code === 'SEND_REFUSED' && batch.length > 1) {
        take = Math.ceil(batch.length / 2);
        continue;
      }
      if (error?.code === 'SEND_UNHEARD') {
        await this.#pause(pauseMs);
        pauseMs = Math.min(2 * pauseMs, SHIM_RETRY_MS_MAX);
        continue;
      }
      pauseMs = SHIM_RETRY_MS_FIRST;
      take = SHIM_BATCH_EVENTS_MAX;
      this.#settle(batch, error);
    }
    // In the same step as the look at the queue: whoever adds next must find either this or none.
    this.#sending = undefined;
  }

  async #send(batch: Waiting[]): Promise<ShimError | undefined> {
    const resource = { 'vitrine.shim.name': this.#options.shim };
    try {
      await this.#options.post(
        encodeLogsRequest(
          batch.map(({ log }) => log),
          resource,
        ),
      );
      return undefined;
    } catch (cause) {
      if (cause instanceof ShimError) return cause;
      return new ShimError('SEND_REFUSED', 'the events cannot be encoded', '', { cause });
    }
  }

  #settle(batch: Waiting[], error: ShimError | undefined): void {
    // `close` may have given up on them meanwhile.
    if (this.#waiting[0] === batch[0]) this.#waiting.splice(0, batch.length);
    if (error === undefined) this.counts.sent += batch.length;
    else {
      this.counts.refused += batch.length;
      this.#options.log(`${this.#options.shim}: ${error.message}: ${batch.length} events lost`);
    }
    for (const item of batch) error === undefined ? item.done() : item.failed(error);
    if (this.#waiting.length >= SHIM_QUEUE_EVENTS_MAX / 2) return;
    const listener = this.#onRoom;
    this.#onRoom = undefined;
    listener?.();
  }

  async #pause(ms: number): Promise<void> {
    if (ms === 0 || (this.#closed && ms < SHIM_RETRY_MS_FIRST)) return;
    if (this.#wake.signal.aborted) this.#wake = new AbortController();
    await sleep(ms, undefined, { signal: this.#wake.signal }).catch(() => {});
  }
}
