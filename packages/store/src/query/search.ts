/**
 * Lists of records. Those of all sessions leaf by leaf from the cursor on, in windows, until the
 * page is full: the newest records of a log of millions are found without looking at the others,
 * and of a text only those blocks of leaves are read that have its words.
 */
import { QUERY_SECONDS_MAX, SEARCH_SECONDS_MAX, WORD_BLOCK_LEAVES } from '@vitrine/schema';
import { type Connection, LIST_ITEMS } from '../client/connection.ts';
import { readTimeout } from '../client/failure.ts';
import { StoreError } from '../error.ts';
import type { EventFilter, RecordRow, SearchPage } from '../row.ts';
import { textsOf } from './compile.ts';
import { eventsBetween, spanOf } from './events.ts';
import { ownSession } from './filter.ts';
import { type LeafSpan, type Place, placesOf, wordsKnown } from './words.ts';

/** The first window; each one after it is larger, as long as that is soon done. */
const WINDOW_LEAVES_FIRST = 16_384;
const WINDOW_GROWTH = 8;
const MS_PER_S = 1_000;

/**
 * Ends early, and says where, when its time is over. A session lies together: it is asked as one,
 * and leaf by leaf only where that takes too long.
 */
export async function search(
  connection: Connection,
  filter: EventFilter,
  seconds = SEARCH_SECONDS_MAX,
): Promise<SearchPage> {
  if (ownSession(filter) !== undefined && seconds >= 1) {
    try {
      const rows = await eventsBetween(connection, filter, spanOf(filter), filter.limit, seconds);
      return { rows };
    } catch (error) {
      if (!isBound(error)) throw error;
    }
  }
  return new Walk(connection, filter, seconds).page();
}

/** Records of a filter in order of index, one for each index; READ_TIMEOUT where it is too much. */
export async function events(connection: Connection, filter: EventFilter): Promise<RecordRow[]> {
  if (ownSession(filter) !== undefined) {
    return eventsBetween(connection, filter, spanOf(filter), filter.limit);
  }
  const { rows, stopped } = await new Walk(connection, filter, QUERY_SECONDS_MAX).page();
  if (stopped !== undefined) throw readTimeout();
  return rows;
}

class Walk {
  readonly #connection: Connection;
  readonly #filter: EventFilter;
  /** What each answer must have in its record. */
  readonly #texts: string[];
  readonly #deadline: number;
  readonly #rows: RecordRow[] = [];
  /** Where the next page goes on, once a window is done. */
  #cursor: number | undefined;
  #growth = 1;

  constructor(connection: Connection, filter: EventFilter, seconds: number) {
    this.#connection = connection;
    this.#filter = filter;
    this.#texts = filter.query === undefined ? [] : textsOf(filter.query);
    this.#deadline = performance.now() + seconds * MS_PER_S;
  }

  async page(): Promise<SearchPage> {
    const span = spanOf(this.#filter);
    const known = Math.max(span.first, Math.min(span.end, await this.#known(span)));
    const byWords = { first: span.first, end: known };
    const rest = { first: known, end: span.end };
    const isAscending = this.#filter.order === 'asc';
    const stopped = isAscending
      ? ((await this.#alongBlocks(byWords)) ?? (await this.#along(rest)))
      : ((await this.#along(rest)) ?? (await this.#alongBlocks(byWords)));
    return stopped === undefined ? { rows: this.#rows } : { rows: this.#rows, stopped };
  }

  /** Up to which leaf the words are known, where the filter has any. */
  async #known({ first, end }: LeafSpan): Promise<number> {
    if (this.#texts.length === 0 || end - first <= WINDOW_LEAVES_FIRST) return 0;
    return wordsKnown(this.#connection, this.#filter.log);
  }

  /** Whole windows, ever larger. Gives where it stopped, if it had to. */
  async #along(span: LeafSpan): Promise<number | undefined> {
    let rest = span;
    let leaves = Math.max(WINDOW_LEAVES_FIRST, this.#filter.limit);
    while (rest.first < rest.end && !this.#full) {
      const [window, later] = cut(rest, leaves, this.#filter.order);
      if (!(await this.#take(window))) return this.#cursor;
      rest = later;
      leaves *= this.#growth;
    }
    return undefined;
  }

  /** Only the windows that can have the text. */
  async #alongBlocks(span: LeafSpan): Promise<number | undefined> {
    if (span.first >= span.end || this.#full) return undefined;
    const places = await this.#places(span);
    if (places === undefined) return this.#along(span);
    if (this.#filter.order === 'desc') places.reverse();
    let most = 1;
    for (let at = 0; at < places.length && !this.#full; ) {
      const run = runOf(places, at, most);
      const low = Math.min(run[0]!.block, run.at(-1)!.block) * WORD_BLOCK_LEAVES;
      const window = {
        first: Math.max(span.first, low),
        end: Math.min(span.end, low + run.length * WORD_BLOCK_LEAVES),
      };
      if (!(await this.#take(window, sessionsOf(run)))) return this.#cursor;
      at += run.length;
      most *= this.#growth;
    }
    return undefined;
  }

  /** `undefined` where the words do not help, or not within half of the time. */
  async #places({ first, end }: LeafSpan): Promise<Place[] | undefined> {
    const { log } = this.#filter;
    const seconds = Math.max(1, Math.floor(this.#secondsLeft / 2));
    try {
      return await placesOf(this.#connection, { log, texts: this.#texts, first, end }, seconds);
    } catch (error) {
      if (isBound(error)) return undefined;
      throw error;
    }
  }

  /** `false` when the time is over; of the first window that is an error, for nothing is found. */
  async #take(window: LeafSpan, sessions?: string[]): Promise<boolean> {
    const seconds = Math.ceil(this.#secondsLeft);
    if (seconds <= 0 && this.#cursor !== undefined) return false;
    const limit = this.#filter.limit - this.#rows.length;
    const started = performance.now();
    let found: RecordRow[];
    try {
      const bound = Math.max(1, seconds);
      const filter = sessions === undefined ? this.#filter : { ...this.#filter, sessions };
      found = await eventsBetween(this.#connection, filter, window, limit, bound);
    } catch (error) {
      if (isBound(error) && this.#cursor !== undefined) return false;
      throw error;
    }
    this.#cursor = this.#filter.order === 'asc' ? window.end - 1 : window.first;
    this.#rows.push(...found);
    const soon = (performance.now() - started) * WINDOW_GROWTH < this.#secondsLeft * MS_PER_S;
    // As many leaves as what is missing may stand in, if it goes on like this.
    const wanted = Math.ceil((limit - found.length) / Math.max(1, found.length));
    this.#growth = soon ? Math.max(1, Math.min(WINDOW_GROWTH, wanted)) : 1;
    return true;
  }

  get #full(): boolean {
    return this.#rows.length >= this.#filter.limit;
  }

  get #secondsLeft(): number {
    return (this.#deadline - performance.now()) / MS_PER_S;
  }
}

/** Those of the places from `at` on, at most `most`, that stand beside each other. */
function runOf(places: readonly Place[], at: number, most: number): Place[] {
  const beside = (n: number): boolean => {
    const place = places[at + n];
    return place !== undefined && Math.abs(place.block - places[at]!.block) === n;
  };
  let run = 1;
  while (run < most && beside(run)) run++;
  return places.slice(at, at + run);
}

/** Of all these places together; `undefined` where they are too many to name. */
function sessionsOf(run: readonly Place[]): string[] | undefined {
  const sessions = new Set(run.flatMap((place) => place.sessions));
  const isNamed = run.every((place) => place.sessions.length > 0);
  return isNamed && sessions.size <= LIST_ITEMS ? [...sessions] : undefined;
}

function isBound(error: unknown): boolean {
  return (
    error instanceof StoreError &&
    (error.code === 'READ_TIMEOUT' || error.code === 'READ_TOO_LARGE')
  );
}

function cut(
  { first, end }: LeafSpan,
  leaves: number,
  order: 'asc' | 'desc',
): [LeafSpan, LeafSpan] {
  if (order === 'asc') {
    const middle = Math.min(end, first + leaves);
    return [
      { first, end: middle },
      { first: middle, end },
    ];
  }
  const middle = Math.max(first, end - leaves);
  return [
    { first: middle, end },
    { first, end: middle },
  ];
}
