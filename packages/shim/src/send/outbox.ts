/**
 * The way out of a shim that speaks OTLP/HTTP: numbers every event and hands it to the queue as a
 * log record. Owns the numbering; a number that never arrives is a hole the relay reports.
 */
import { encodeLogsRequest, type OutgoingLog } from '@vitrine/schema';
import { nowNanos, type ShimEvent } from './event.ts';
import { type SendCounts, SendQueue } from './queue.ts';

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

export class Outbox {
  readonly #queue: SendQueue<OutgoingLog>;
  readonly #numbered: boolean;
  #seq = 0;

  constructor({ shim, post, waitMs, log, numbered = true }: OutboxOptions) {
    this.#numbered = numbered;
    const resource = { 'vitrine.shim.name': shim };
    const send = (logs: OutgoingLog[]): Promise<void> => post(encodeLogsRequest(logs, resource));
    this.#queue = new SendQueue({ name: shim, send, waitMs, log });
  }

  get counts(): Readonly<SendCounts> {
    return this.#queue.counts;
  }

  /** Events that are not durable yet. */
  get size(): number {
    return this.#queue.size;
  }

  get full(): boolean {
    return this.#queue.full;
  }

  /** Calls `listener` once, when less than half of the room is taken. */
  onRoom(listener: () => void): void {
    this.#queue.onRoom(listener);
  }

  /** Resolves when the relay has the event on disk; rejects as `SendQueue.add` does. */
  add(event: ShimEvent, boundMs?: number): Promise<void> {
    return this.#queue.add(this.#log(event), boundMs);
  }

  /** Waits until all is durable, at most `boundMs`; nothing can be added after. */
  close(boundMs: number): Promise<void> {
    return this.#queue.close(boundMs);
  }

  #log({ kind, t, attributes }: ShimEvent): OutgoingLog {
    const number = this.#numbered ? { 'vitrine.shim.seq': this.#seq++ } : {};
    return {
      eventName: kind,
      timeUnixNano: t,
      observedTimeUnixNano: nowNanos(),
      attributes: { ...attributes, ...number },
    };
  }
}
