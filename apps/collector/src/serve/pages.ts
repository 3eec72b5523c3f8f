/**
 * Reads one page of a stream by leaf index, no further than a checkpoint reaches: bounded in rows,
 * bytes and time, in short turns of the thread, and never in the way of what writes the log.
 */
import { PULL_READ_MS_MAX, PULL_ROWS_FIRST } from '@vitrine/schema';
import type { PullFormat } from '@vitrine/schema/api';
import type { EventFilter, RecordRow, SearchPage, Store } from '@vitrine/store';
import type { Hosts } from '../api/hosts.ts';
import { Turns } from '../api/turns.ts';
import type { Contents, Parts } from './contents.ts';
import { type Piece, pieceOf, type Writing } from './formats.ts';

export interface PageRequest {
  /** What is asked, with its log and the published size. */
  filter: Omit<EventFilter, 'order' | 'limit' | 'after'>;
  /** The first leaf that may be on the page. */
  start: number;
  limit: number;
  /** Of the pieces together; the first one may have more. */
  bytesMax: number;
  format: PullFormat;
  /** Whether contents are told. */
  parts: boolean;
  /** Whether the notes of checkpoints are told. */
  notes: boolean;
}

export interface Page {
  pieces: Piece[];
  /** Leaf that is read next; everything below it was looked at. */
  next: number;
  first: number | null;
  last: number | null;
}

export interface PagesOptions {
  store: Pick<Store, 'search' | 'pull' | 'erasure'>;
  log: string;
  origin: string;
  publicUrl: string;
  hosts: Hosts;
  contents: Contents;
}

const NONE: Parts = new Map();

export class Pages {
  readonly #options: PagesOptions;

  constructor(options: PagesOptions) {
    this.#options = options;
  }

  async read(request: PageRequest): Promise<Page> {
    const end = performance.now() + PULL_READ_MS_MAX;
    const filling = new Filling(request);
    while (!filling.isDone && performance.now() < end) {
      const limit = filling.rowsNext;
      const asked = { ...request.filter, after: filling.next - 1, limit, order: 'asc' as const };
      const found = await this.#options.store.search(asked);
      await this.#take(filling, found, limit);
    }
    return filling.page;
  }

  async #take(filling: Filling, { rows, stopped }: SearchPage, limit: number): Promise<void> {
    const { request } = filling;
    for (let at = 0; at < rows.length && !filling.isDone; ) {
      const some = await this.#together(request, rows.slice(at));
      const write = pieceOf(request.format, await this.#writing(request, some));
      const turns = new Turns();
      for (const row of some) {
        if (!filling.put(row, write(row))) return;
        await turns.next();
      }
      at += some.length;
    }
    if (filling.isDone) return;
    if (stopped !== undefined) filling.skipTo(stopped + 1);
    else if (rows.length < limit) filling.skipTo(request.filter.size);
  }

  /** Those whose contents are in memory at the same time. */
  async #together(request: PageRequest, rows: RecordRow[]): Promise<RecordRow[]> {
    if (!request.parts) return rows;
    return rows.slice(0, await this.#options.contents.fitting(rows, request.bytesMax));
  }

  async #writing({ parts, notes, filter }: PageRequest, rows: RecordRow[]): Promise<Writing> {
    const { store, log, origin, publicUrl, hosts, contents } = this.#options;
    await hosts.learn({ store: this.#options.store as Store, log, size: filter.size }, rows);
    const told = notes
      ? await store.pull.notes(
          log,
          rows.map(({ idx }) => idx + 1),
        )
      : undefined;
    return {
      origin,
      publicUrl,
      hostOf: (row) => hosts.of(row),
      partsOf: parts ? await contents.of(rows) : () => NONE,
      noteOf: (row) => told?.get(row.idx + 1),
    };
  }
}

/** A page while it is filled. */
class Filling {
  readonly request: PageRequest;
  readonly page: Page;
  isDone = false;
  #bytes = 0;

  constructor(request: PageRequest) {
    this.request = request;
    this.page = { pieces: [], next: request.start, first: null, last: null };
    this.skipTo(request.start);
  }

  get next(): number {
    return this.page.next;
  }

  /** Rows of the next read: few at first, then as many as may still fit. */
  get rowsNext(): number {
    const { limit, bytesMax } = this.request;
    const count = this.page.pieces.length;
    const room = limit - count;
    if (count === 0) return Math.min(room, PULL_ROWS_FIRST);
    const fit = Math.ceil((bytesMax - this.#bytes) / (this.#bytes / count)) + 1;
    return Math.max(1, Math.min(room, fit, 4 * PULL_ROWS_FIRST));
  }

  /** `false` where there is no room for it: it is the first of the next page. */
  put(row: RecordRow, piece: Piece): boolean {
    const { page, request } = this;
    const bytes = Buffer.byteLength(piece);
    if (page.pieces.length > 0 && this.#bytes + bytes > request.bytesMax) {
      this.isDone = true;
      page.next = row.idx;
      return false;
    }
    this.#bytes += bytes;
    page.pieces.push(piece);
    page.first ??= row.idx;
    page.last = row.idx;
    page.next = row.idx + 1;
    if (page.pieces.length >= request.limit) this.isDone = true;
    return !this.isDone;
  }

  skipTo(next: number): void {
    this.page.next = Math.max(this.page.next, next);
    if (this.page.next >= this.request.filter.size) this.isDone = true;
  }
}
