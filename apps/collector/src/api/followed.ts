/**
 * One open answer of the live tail. What a follower asks may cost a millisecond for each row, and a
 * batch has tens of thousands: rows wait, and are looked at in turns, one follower after the other.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { TAIL_BUFFER_BYTES_MAX, TAIL_BUFFER_ROWS_MAX } from '@vitrine/schema';
import { matcherOf } from '@vitrine/schema/query';
import type { EventFilter, RecordRow } from '@vitrine/store';
import type { ItemOf } from './dialect.ts';
import type { Follower } from './tail.ts';
import { Line, TURN_MS_MAX } from './turns.ts';

const KEEP_ALIVE_MS = 15_000;
/** Of all followers. */
const LINE = new Line();

/** Owns its timer, and never writes to an answer that has ended. */
export class Followed implements Follower {
  readonly #response: ServerResponse;
  readonly #filter: EventFilter;
  readonly #matches: (row: RecordRow) => boolean;
  readonly #itemOf: ItemOf;
  #sent: number;
  /** Published, and not looked at yet. */
  #waiting: RecordRow[] = [];
  /** Of `#waiting` and of what is being sent. */
  #waitingCount = 0;
  /** While what was published before is read from the store. */
  #replaying = true;
  #sending = false;

  constructor(response: ServerResponse, filter: EventFilter, sent: number, itemOf: ItemOf) {
    this.#response = response;
    this.#filter = filter;
    this.#matches = matcherOf(filter.query ?? null);
    this.#sent = sent;
    this.#itemOf = itemOf;
    const alive = setInterval(() => this.say(': alive\n\n'), KEEP_ALIVE_MS);
    this.onClose(() => clearInterval(alive));
    // A client that goes away in the middle of a write is no error of ours.
    response.on('error', () => {});
  }

  get sent(): number {
    return this.#sent;
  }

  get isOpen(): boolean {
    return !this.#response.destroyed && !this.#response.writableEnded;
  }

  onClose(listener: () => void): void {
    this.#response.on('close', listener);
  }

  say(text: string): void {
    if (this.isOpen) this.#response.write(text);
  }

  /** `false` where it is too far behind what came before these. */
  take(rows: RecordRow[]): boolean {
    if (this.#waitingCount > TAIL_BUFFER_ROWS_MAX || this.#isFull) return false;
    const filter = this.#filter;
    const asked = rows.filter((row) => wanted(row, filter));
    this.#waiting.push(...asked);
    this.#waitingCount += asked.length;
    // Nobody waits for it: an answer that cannot go on ends.
    if (!this.#replaying) this.#sendWaiting().catch(() => this.end());
    return true;
  }

  end(): void {
    this.#response.destroy();
  }

  /** Rows from the store, in order; resolves when the client has read enough to go on. */
  async replay(rows: RecordRow[]): Promise<void> {
    await this.#send(rows);
    if (!this.isOpen || !this.#response.writableNeedDrain) return;
    const gone = new AbortController();
    this.onClose(() => gone.abort());
    await once(this.#response, 'drain', { signal: gone.signal }).catch(() => {});
  }

  /** What came meanwhile, then what comes. */
  replayed(): Promise<void> {
    this.#replaying = false;
    return this.#sendWaiting();
  }

  get #isFull(): boolean {
    return this.#response.writableLength > TAIL_BUFFER_BYTES_MAX;
  }

  async #sendWaiting(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    while (this.#waiting.length > 0) {
      const rows = this.#waiting;
      this.#waiting = [];
      await this.#send(rows);
      this.#waitingCount -= rows.length;
    }
    this.#sending = false;
  }

  async #send(rows: readonly RecordRow[]): Promise<void> {
    for (let at = 0; at < rows.length && this.isOpen; ) {
      await LINE.turn();
      const end = performance.now() + TURN_MS_MAX;
      while (at < rows.length && performance.now() < end) this.#write(rows[at++]!);
      if (this.#isFull && !this.#replaying) this.end();
    }
  }

  #write(row: RecordRow): void {
    if (row.idx <= this.#sent) return;
    this.#sent = row.idx;
    if (!wanted(row, this.#filter) || !this.#matches(row)) return;
    const data = JSON.stringify(this.#itemOf(row));
    this.say(`event: record\nid: ${row.idx}\ndata: ${data}\n\n`);
  }
}

function wanted(row: RecordRow, filter: EventFilter): boolean {
  if (filter.session !== undefined && row.session !== filter.session) return false;
  if (filter.kinds !== undefined && !filter.kinds.includes(row.kind)) return false;
  if (filter.vantages !== undefined && !filter.vantages.includes(row.vantage)) return false;
  if (filter.subject !== undefined && row.subject !== filter.subject) return false;
  return true;
}
