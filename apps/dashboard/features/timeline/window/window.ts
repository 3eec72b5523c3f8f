/**
 * The contiguous stretch of a session's events that the page holds: grown by keyset paging at both
 * ends, by the live tail at its newest end, and bounded: what lies farthest from the reader is let
 * go. Never has a hole or a row twice. Knows nothing of React or of the network.
 */
import type { EventItem, EventPage } from '@vitrine/schema/api';
import { TIMELINE_ROWS_MAX, TIMELINE_WAITING_ROWS_MAX } from '@vitrine/schema/record';

export type Side = 'start' | 'end';

/** Where a stretch begins to be read. */
export type Place = { at: 'start' } | { at: 'end' } | { at: 'index'; index: number };

export class EventWindow {
  /** In index order. A new array for each change: whoever holds one may compare it. */
  items: readonly EventItem[] = [];
  /** True when no older event exists. */
  startReached = false;
  /** True when every newer event that is known is here: the live tail continues it. */
  endReached = false;
  /** Published size of the log as far as known. */
  size = 0;
  /** Holds everything from this index on … */
  #from = 0;
  /** … and below this one. */
  #to = 0;
  /** Rows of the tail that lie beyond the end, complete from `#tailFrom` to `#tailTo`. */
  #waiting: EventItem[] = [];
  #tailFrom = 0;
  #tailTo = 0;
  readonly #rowsMax: number;
  readonly #waitingMax: number;

  constructor(rowsMax = TIMELINE_ROWS_MAX, waitingMax = TIMELINE_WAITING_ROWS_MAX) {
    this.#rowsMax = rowsMax;
    this.#waitingMax = waitingMax;
  }

  get first(): EventItem | undefined {
    return this.items[0];
  }

  get last(): EventItem | undefined {
    return this.items.at(-1);
  }

  /** `after` of the page that continues at that side. */
  cursorAt(side: Side): number {
    return side === 'end' ? this.#to - 1 : this.#from;
  }

  has(index: number): boolean {
    const at = this.#find(index);
    return this.items[at]?.index === index;
  }

  /** The tail will tell of everything from `size` on. */
  beginTail(size: number): void {
    this.#waiting = [];
    this.#tailFrom = size;
    this.#tailTo = size;
    this.size = Math.max(this.size, size);
  }

  /** Begins anew with what lies around a place: `older` was read downwards from it. */
  begin(older: EventPage | undefined, newer: EventPage | undefined, at: number): void {
    if (this.endReached) this.#forgetTail();
    this.items = [];
    this.#from = at;
    this.#to = at;
    this.startReached = older === undefined;
    this.endReached = false;
    if (older !== undefined) this.addOlder(older);
    if (newer !== undefined) this.addNewer(newer);
    else this.#reach(older?.size ?? at);
  }

  addOlder(page: EventPage): void {
    const items = page.items.filter(({ index }) => index < this.#from).reverse();
    this.items = [...items, ...this.items];
    this.size = Math.max(this.size, page.size);
    this.startReached = page.cursor === null;
    // Looked through down to there, also where nothing was found on the way.
    this.#from = Math.min(this.#from, page.cursor ?? 0);
  }

  addNewer(page: EventPage): void {
    const items = page.items.filter(({ index }) => index >= this.#to);
    if (items.length > 0) this.items = [...this.items, ...items];
    this.size = Math.max(this.size, page.size);
    const last = items.at(-1);
    if (last !== undefined) this.#to = last.index + 1;
    if (page.cursor === null) this.#reach(page.size);
    else this.#to = Math.max(this.#to, page.cursor + 1);
  }

  /** Rows of the live tail, in index order; how many of them were new. */
  take(rows: readonly EventItem[]): number {
    const fresh = rows.filter(({ index }) => index >= this.#tailTo);
    const last = fresh.at(-1);
    if (last === undefined) return 0;
    this.#tailTo = last.index + 1;
    this.size = Math.max(this.size, this.#tailTo);
    if (this.endReached) return this.#append(fresh);
    this.#waiting.push(...fresh);
    const surplus = this.#waiting.length - this.#waitingMax;
    if (surplus > 0) {
      this.#tailFrom = this.#waiting[surplus - 1]!.index + 1;
      this.#waiting.splice(0, surplus);
    }
    return fresh.length;
  }

  /** Lets go of the rows farthest from `index` until the window is within its bound. */
  trim(index: number): void {
    const surplus = this.items.length - this.#rowsMax;
    if (surplus <= 0) return;
    const near = this.#find(index);
    if (near > this.items.length / 2) {
      this.items = this.items.slice(surplus);
      this.#from = this.items[0]!.index;
      this.startReached = false;
      return;
    }
    this.items = this.items.slice(0, this.#rowsMax);
    this.#to = this.items.at(-1)!.index + 1;
    if (this.endReached) this.#forgetTail();
    this.endReached = false;
  }

  /** What the tail has told so far went into rows that are let go: pages bring it again. */
  #forgetTail(): void {
    this.#waiting = [];
    this.#tailFrom = this.#tailTo;
  }

  /** Everything below `size` is here; the tail continues it if it has no hole in between. */
  #reach(size: number): void {
    this.#to = Math.max(this.#to, size);
    this.endReached = this.#tailFrom <= this.#to;
    if (!this.endReached) return;
    const rows = this.#waiting.filter(({ index }) => index >= this.#to);
    this.#waiting = [];
    this.#append(rows);
  }

  #append(rows: readonly EventItem[]): number {
    const fresh = rows.filter(({ index }) => index >= this.#to);
    if (fresh.length > 0) this.items = [...this.items, ...fresh];
    this.#to = Math.max(this.#to, this.#tailTo);
    return fresh.length;
  }

  /** Place of the first row whose index is at least `index`. */
  #find(index: number): number {
    let low = 0;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.items[middle]!.index < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
