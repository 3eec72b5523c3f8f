/**
 * The discipline of every way out of a shim: in order, one request in flight, what waits meanwhile
 * goes in the next one, and another try until it is durable. Bounded in events and in bytes; what
 * does not fit is refused at once and counted.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  SHIM_BATCH_BYTES_MAX,
  SHIM_BATCH_EVENTS_MAX,
  SHIM_QUEUE_BYTES_MAX,
  SHIM_QUEUE_EVENTS_MAX,
  SHIM_RETRY_MS_FIRST,
  SHIM_RETRY_MS_MAX,
} from '@vitrine/schema';
import { ShimError } from '../error.ts';

export interface QueueOptions<Item> {
  /** Whose events these are, for the log. */
  name: string;
  /** Resolves when they are durable; throws SEND_UNHEARD for another try, else they are lost. */
  send: (items: Item[]) => Promise<void>;
  /** How long a batch waits for more events; 0 where an alert hangs on it. */
  waitMs: number;
  /** About what an item takes in memory and on the wire; not asked where all are small. */
  bytesOf?: (item: Item) => number;
  /** Called for each item that finds no room. */
  onFull?: () => void;
  log: (line: string) => void;
}

interface Waiting<Item> {
  item: Item;
  bytes: number;
  done: () => void;
  failed: (error: ShimError) => void;
}

export interface SendCounts {
  sent: number;
  /** Never sent: no room, or no time before the end. */
  dropped: number;
  /** Sent, and not taken. */
  refused: number;
}

export class SendQueue<Item> {
  readonly #options: QueueOptions<Item>;
  #waiting: Waiting<Item>[] = [];
  #bytes = 0;
  #sending: Promise<void> | undefined;
  #closed = false;
  #onRoom: (() => void) | undefined;
  /** Wakes the pause before a batch or a retry. */
  #wake = new AbortController();
  readonly counts: SendCounts = { sent: 0, dropped: 0, refused: 0 };

  constructor(options: QueueOptions<Item>) {
    this.#options = options;
  }

  /** Events that are not durable yet. */
  get size(): number {
    return this.#waiting.length;
  }

  get full(): boolean {
    return this.#waiting.length >= SHIM_QUEUE_EVENTS_MAX || this.#bytes >= SHIM_QUEUE_BYTES_MAX / 2;
  }

  /** Calls `listener` once, when less than half of the room is taken. */
  onRoom(listener: () => void): void {
    this.#onRoom = listener;
  }

  /**
   * Resolves when the event is durable. Rejects with SEND_UNHEARD after `boundMs`: the event stays
   * in line and is told when the relay is back; with SEND_REFUSED when it never will be.
   */
  add(item: Item, boundMs?: number): Promise<void> {
    const bytes = this.#options.bytesOf?.(item) ?? 0;
    if (this.#closed || !this.#hasRoom(bytes)) {
      this.counts.dropped++;
      if (!this.#closed) this.#options.onFull?.();
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
      this.#waiting.push({ item, bytes, done: settled(resolve), failed: settled(reject) });
      this.#bytes += bytes;
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

  #hasRoom(bytes: number): boolean {
    const taken = this.#waiting.length;
    return (
      taken < 2 * SHIM_QUEUE_EVENTS_MAX &&
      (taken === 0 || this.#bytes + bytes <= SHIM_QUEUE_BYTES_MAX)
    );
  }

  async #sendAll(): Promise<void> {
    let pauseMs = SHIM_RETRY_MS_FIRST;
    let take = SHIM_BATCH_EVENTS_MAX;
    while (this.#waiting.length > 0) {
      if (this.#waiting.length < SHIM_BATCH_EVENTS_MAX) await this.#pause(this.#options.waitMs);
      const batch = this.#batch(take);
      const error = await this.#send(batch);
      // One event that cannot be taken must not cost its neighbours.
      if (error?.code === 'SEND_REFUSED' && batch.length > 1) {
        take = Math.ceil(batch.length / 2);
        continue;
      }
      if (error?.code === 'SEND_UNHEARD') {
        // Exactly those again: they may be durable, and a repeat is known by its bytes alone.
        take = batch.length;
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

  /** The first ones in line, so many as one request may carry; one at least. */
  #batch(take: number): Waiting<Item>[] {
    let bytes = 0;
    let count = 0;
    for (const item of this.#waiting) {
      bytes += item.bytes;
      if (count === take || (count > 0 && bytes > SHIM_BATCH_BYTES_MAX)) break;
      count++;
    }
    return this.#waiting.slice(0, count);
  }

  async #send(batch: Waiting<Item>[]): Promise<ShimError | undefined> {
    try {
      await this.#options.send(batch.map(({ item }) => item));
      return undefined;
    } catch (cause) {
      if (cause instanceof ShimError) return cause;
      return new ShimError('SEND_REFUSED', 'the events cannot be encoded', '', { cause });
    }
  }

  #settle(batch: Waiting<Item>[], error: ShimError | undefined): void {
    // `close` may have given up on them meanwhile.
    if (this.#waiting[0] === batch[0]) {
      this.#waiting.splice(0, batch.length);
      for (const { bytes } of batch) this.#bytes -= bytes;
    }
    if (error === undefined) this.counts.sent += batch.length;
    else {
      this.counts.refused += batch.length;
      this.#options.log(`${this.#options.name}: ${error.message}: ${batch.length} events lost`);
    }
    for (const item of batch) error === undefined ? item.done() : item.failed(error);
    if (this.#waiting.length >= SHIM_QUEUE_EVENTS_MAX / 2) return;
    if (this.#bytes >= SHIM_QUEUE_BYTES_MAX / 2) return;
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
