/**
 * One session's timeline as the page holds it: reads pages, follows the live tail, and tells its
 * listeners at most once for each frame. Plain TypeScript, so that it is tested without a browser.
 */
import type { EventItem, EventPage } from '@vitrine/schema/api';
import { TIMELINE_FIRST_ROWS, TIMELINE_PAGE_ROWS } from '@vitrine/schema/record';
import { type ApiFailure, asFailure } from '../../../lib/api/client.ts';
import type { TailState } from '../../../lib/live/tail.ts';
import { EventWindow, type Place, type Side } from './window.ts';

export interface Filter {
  kinds: readonly string[];
  vantages: readonly string[];
  /** A query. */
  text: string;
  /** Both ends belong to it, in nanoseconds. */
  span?: TimeSpan;
}

export interface TimeSpan {
  from: string;
  to: string;
}

export interface PageQuery extends Filter {
  order: 'asc' | 'desc';
  after?: number;
  limit: number;
}

export interface TimelineSource {
  read(query: PageQuery, signal: AbortSignal): Promise<EventPage>;
  /** Follows what is published after an index; the answer ends it. */
  follow(
    options: Filter & {
      after: number;
      onRecords(items: EventItem[]): void;
      onState(state: TailState): void;
    },
  ): () => void;
  /** Runs `tell` soon, once: the next frame. */
  soon(tell: () => void): void;
}

export interface TimelineState {
  items: readonly EventItem[];
  startReached: boolean;
  endReached: boolean;
  size: number;
  /** Rows that came since the reader last saw the newest one. */
  fresh: number;
  busy: Readonly<Record<Side, boolean>>;
  /** What it shows is of before: the rows asked for are on their way. */
  opening: boolean;
  failure: { failure: ApiFailure; side: Side | 'all' } | undefined;
  connection: TailState | { state: 'none' };
  /** Grows with each `open`: rows of another one are not continued. */
  generation: number;
  /** Where it was last opened. */
  place: Place;
}

export class Timeline {
  readonly #source: TimelineSource;
  readonly #live: boolean;
  readonly #window = new EventWindow();
  readonly #listeners = new Set<() => void>();
  #filter: Filter;
  #state: TimelineState;
  #reading = new AbortController();
  #unfollow: (() => void) | undefined;
  #telling = false;
  #near = Number.POSITIVE_INFINITY;
  #span: [first: number, last: number] | undefined;

  /** `live`: more may come; a session that is closed needs no tail. */
  constructor(source: TimelineSource, filter: Filter, live: boolean) {
    this.#source = source;
    this.#filter = filter;
    this.#live = live;
    this.#state = {
      items: [],
      startReached: false,
      endReached: false,
      size: 0,
      fresh: 0,
      busy: { start: false, end: false },
      opening: true,
      failure: undefined,
      connection: { state: 'none' },
      generation: 0,
      place: { at: 'end' },
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): TimelineState => this.#state;

  /** Asks anew with another filter; what is shown stays until the answer is there. */
  setFilter(filter: Filter, place: Place): Promise<void> {
    this.#filter = filter;
    this.#span = undefined;
    this.#stopFollowing();
    return this.open(place);
  }

  async open(place: Place): Promise<void> {
    this.#reading.abort();
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    const busy = { start: false, end: false };
    this.#tell({ place, opening: true, failure: undefined, busy });
    try {
      const [older, newer] = await this.#around(place, signal);
      if (signal.aborted) return;
      const at = place.at === 'index' ? place.index : place.at === 'start' ? 0 : older!.size;
      this.#window.begin(older, newer, at);
      this.#near = place.at === 'end' ? Number.POSITIVE_INFINITY : at;
      this.#follow(Math.min(older?.size ?? newer!.size, newer?.size ?? older!.size));
      const { generation } = this.#state;
      this.#show({ opening: false, fresh: 0, generation: generation + 1 });
    } catch (error) {
      if (signal.aborted) return;
      this.#tell({ opening: false, failure: { failure: asFailure(error), side: 'all' } });
    }
  }

  /** Reads on at one side; does nothing while that side is being read or has no more. */
  async more(side: Side, limit = TIMELINE_PAGE_ROWS): Promise<void> {
    const { busy, opening } = this.#state;
    const window = this.#window;
    if (opening || busy[side] || (side === 'end' ? window.endReached : window.startReached)) return;
    const { signal } = this.#reading;
    this.#tell({ busy: { ...busy, [side]: true }, failure: undefined });
    try {
      const order = side === 'end' ? 'asc' : 'desc';
      const page = await this.#read(order, window.cursorAt(side), limit, signal);
      if (signal.aborted) return;
      if (side === 'end') window.addNewer(page);
      else window.addOlder(page);
      window.trim(side === 'end' ? Number.POSITIVE_INFINITY : -1);
      this.#show({ busy: { ...this.#state.busy, [side]: false } });
    } catch (error) {
      if (signal.aborted) return;
      const failure = { failure: asFailure(error), side };
      this.#tell({ busy: { ...this.#state.busy, [side]: false }, failure });
    }
  }

  /** Goes to a part of the way from the first event to the last: 0 to 1. */
  async jump(fraction: number): Promise<void> {
    const { signal } = this.#reading;
    try {
      this.#span ??= await this.#readSpan(signal);
      const [first, last] = this.#span;
      if (signal.aborted) return;
      await this.open({ at: 'index', index: Math.round(first + (last - first) * fraction) });
    } catch (error) {
      if (signal.aborted) return;
      this.#tell({ failure: { failure: asFailure(error), side: 'all' } });
    }
  }

  retry(): Promise<void> {
    const side = this.#state.failure?.side;
    if (side === undefined || side === 'all') return this.open(this.#state.place);
    return this.more(side);
  }

  /** The reader looks at this index: what lies farthest from it is let go first. */
  look(index: number): void {
    this.#near = index;
  }

  /** The reader sees the newest row. */
  seen(): void {
    this.#near = Number.POSITIVE_INFINITY;
    if (this.#state.fresh > 0) this.#tell({ fresh: 0 });
  }

  stop(): void {
    this.#reading.abort();
    this.#stopFollowing();
  }

  async #around(
    place: Place,
    signal: AbortSignal,
  ): Promise<[EventPage | undefined, EventPage | undefined]> {
    const rows = TIMELINE_FIRST_ROWS;
    if (place.at === 'start') return [undefined, await this.#read('asc', -1, rows, signal)];
    if (place.at === 'end') return [await this.#read('desc', undefined, rows, signal), undefined];
    const half = Math.ceil(rows / 2);
    return Promise.all([
      this.#read('desc', place.index, half, signal),
      this.#read('asc', place.index - 1, half, signal),
    ]);
  }

  async #readSpan(signal: AbortSignal): Promise<[number, number]> {
    const [first, last] = await Promise.all([
      this.#read('asc', -1, 1, signal),
      this.#read('desc', undefined, 1, signal),
    ]);
    return [first.items[0]?.index ?? 0, last.items[0]?.index ?? 0];
  }

  #read(
    order: 'asc' | 'desc',
    after: number | undefined,
    limit: number,
    signal: AbortSignal,
  ): Promise<EventPage> {
    const from = after === undefined || after < 0 ? {} : { after };
    return this.#source.read({ ...this.#filter, order, limit, ...from }, signal);
  }

  #follow(size: number): void {
    if (!this.#live || this.#unfollow !== undefined) return;
    this.#window.beginTail(size);
    this.#unfollow = this.#source.follow({
      ...this.#filter,
      after: size - 1,
      onRecords: (items) => this.#take(items),
      onState: (connection) => this.#tell({ connection }),
    });
  }

  #stopFollowing(): void {
    this.#unfollow?.();
    this.#unfollow = undefined;
  }

  #take(items: EventItem[]): void {
    const fresh = this.#state.fresh + this.#window.take(items);
    this.#window.trim(this.#near);
    if (this.#state.opening) this.#tell({ fresh });
    else this.#show({ fresh });
  }

  /** Tells what the window holds now, and more. */
  #show(change: Partial<TimelineState>): void {
    const { items, startReached, endReached, size } = this.#window;
    this.#tell({ items, startReached, endReached, size, ...change });
  }

  #tell(change: Partial<TimelineState>): void {
    this.#state = { ...this.#state, ...change };
    if (this.#telling) return;
    this.#telling = true;
    this.#source.soon(() => {
      this.#telling = false;
      for (const listener of this.#listeners) listener();
    });
  }
}
