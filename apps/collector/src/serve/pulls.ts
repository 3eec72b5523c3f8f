/**
 * The consumer API behind its routes: from what is asked to a page, with the long poll between.
 * Owns nothing of the log; its own state is the key of cursors and the places of consumers.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type JsonObject, PULL_AGAIN_MS_MIN } from '@vitrine/schema';
import type { PullFormat } from '@vitrine/schema/api';
import type { Store } from '@vitrine/store';
import type { Principal } from '../access/may.ts';
import type { Tokens } from '../access/tokens.ts';
import { ApiError } from '../api/errors.ts';
import type { Hosts } from '../api/hosts.ts';
import type { Tail } from '../api/tail.ts';
import type { Journal } from '../queue/journal.ts';
import type { LogIdentity } from '../sequence/identity.ts';
import type { PublishedNote } from '../sequence/intents.ts';
import type { Clock } from '../sequence/sequencer.ts';
import type { PartsAsked, Shape, Start } from './asked.ts';
import { Calls, Reads, Unsent } from './calls.ts';
import { Consumers } from './consumers.ts';
import { Contents } from './contents.ts';
import { Cursors } from './cursors.ts';
import { hasParts } from './formats.ts';
import { Looks } from './looks.ts';
import { type Page, Pages } from './pages.ts';
import { conditionsOf, filterParameters, type PullFilter } from './streams.ts';
import { Waiters } from './waiters.ts';

export interface PullsOptions {
  dataDir: string;
  publicUrl: string;
  identity: Pick<LogIdentity, 'log' | 'origin'>;
  store: Store;
  hosts: Hosts;
  tokens: Pick<Tokens, 'isValid'>;
  tail: Pick<Tail, 'follow'>;
  journal: Pick<Journal, 'append'>;
  clock: Clock;
  published: () => PublishedNote | null;
  print: (line: string) => void;
}

export interface Asked {
  principal: Principal;
  filter: PullFilter;
  start: Start;
  shape: Shape;
  format: PullFormat;
  parts: PartsAsked;
  /** Whether the principal may read contents. */
  mayParts: boolean;
  consumer?: string;
  /** Aborts when nobody hears the answer any more. */
  signal: AbortSignal;
}

export interface Served {
  page: Page;
  /** Published size that the page was read below, and its note. */
  size: number;
  note: string;
  cursor: string;
  lagSeconds: number;
}

const NS_PER_S = 1e9;
/** Between two looks where the log begins, before a page is read: it is looked at again after. */
const OLDEST_MS = 10_000;

export class Pulls {
  readonly consumers: Consumers;
  readonly calls = new Calls();
  readonly unsent = new Unsent();
  readonly origin: string;
  readonly #options: PullsOptions;
  readonly #cursors: Cursors;
  readonly #contents: Contents;
  readonly #pages: Pages;
  readonly #waiters: Waiters;
  readonly #looks: Looks;
  readonly #reads = new Reads();
  /** The first leaf that is stored, as it was a while ago. */
  #oldestStored = 0;
  #oldestAt = Number.NEGATIVE_INFINITY;

  constructor(options: PullsOptions) {
    const { dataDir, identity, store, hosts, publicUrl, journal, clock, tail, print } = options;
    this.#options = options;
    this.origin = identity.origin;
    this.consumers = new Consumers(dataDir);
    this.#cursors = new Cursors(join(dataDir, 'keys'), identity.origin.split('/')[1]!);
    this.#contents = new Contents(store, identity.log, () => this.#size);
    const contents = this.#contents;
    this.#pages = new Pages({ ...identity, store, hosts, publicUrl, contents });
    this.#waiters = new Waiters(tail, this.#size);
    const append = (fields: JsonObject): Promise<unknown> => {
      const observed = String(clock.nowNs());
      return journal.append({ kind: 'own', chain: 'audit', record: 'access', observed, fields });
    };
    this.#looks = new Looks({ append, nowMs: () => performance.now(), print });
  }

  stop(): Promise<void> {
    return this.#looks.stop();
  }

  cursorOf(filter: PullFilter, next: number): string {
    return this.#cursors.write(filter, next);
  }

  /** The leaf that is read first. Throws what is wrong with a cursor. */
  async placeOf(filter: PullFilter, start: Start, parts: PartsAsked): Promise<number> {
    const { store, identity } = this.#options;
    if ('next' in start || 'cursor' in start) {
      const next = 'next' in start ? start.next : this.#cursors.read(start.cursor, filter);
      return this.#checked(filter, next, await this.#oldest(parts));
    }
    if ('from' in start) return start.from === 'latest' ? this.#size : this.#oldest(parts);
    const sealed = await store.sizeBefore(identity.log, this.#size, start.sinceNs);
    return Math.max(sealed, await this.#oldest(parts));
  }

  /** The leaf a cursor stands at, for an ack. */
  ackOf(filter: PullFilter, cursor: string): number {
    return this.#checked(filter, this.#cursors.read(cursor, filter), 0);
  }

  async serve(asked: Asked): Promise<Served> {
    const { filter, start, shape, parts, signal } = asked;
    if (shape.waitMs > 0) this.#waiters.check();
    const place = await this.placeOf(filter, start, parts);
    const told = await this.#looks.begin(this.#lookOf(asked), place);
    const end = performance.now() + shape.waitMs;
    let next = place;
    for (;;) {
      const began = performance.now();
      const note = this.#options.published();
      const page = await this.#read(asked, next, note?.size ?? 0);
      next = page.next;
      const isAll = page.next >= (note?.size ?? 0);
      const left = end - performance.now();
      if (page.pieces.length > 0 || !isAll || left <= 0 || signal.aborted) {
        told({ records: page.pieces.length, first: page.first, last: page.last });
        return this.#served(filter, page, note);
      }
      await this.#untilMore(asked, page.next, left, began);
    }
  }

  /** How far a place is behind what is published, in leaves and seconds. */
  async lagOf(next: number): Promise<{ leaves: number; seconds: number }> {
    const size = this.#size;
    const seconds = next < size ? await this.#lagSeconds(next, size) : 0;
    return { leaves: Math.max(0, size - next), seconds };
  }

  get #size(): number {
    return this.#options.published()?.size ?? 0;
  }

  async #read(asked: Asked, start: number, size: number): Promise<Page> {
    const { filter, shape, format, signal } = asked;
    const nothing = { pieces: [], first: null, last: null };
    if (!this.#waiters.mayHave(filter.stream, start)) {
      return { ...nothing, next: Math.max(start, size) };
    }
    const { identity, clock } = this.#options;
    const conditions = conditionsOf(filter, clock.nowNs(), hasParts(format));
    const { limit, bytesMax } = shape;
    return this.#reads.take(async () => {
      if (signal.aborted) return { ...nothing, next: start };
      this.unsent.check(asked.principal.id);
      const page = await this.#pages.read({
        filter: { ...conditions, log: identity.log, size },
        ...{ start, limit, bytesMax, format },
        parts: tellsParts(asked),
        notes: filter.stream === 'checkpoints',
      });
      // What was taken away since the last look would be passed over without a word.
      const isGap = (page.first ?? page.next) > start;
      if (isGap) this.#checked(filter, start, await this.#oldest(asked.parts, 0));
      return page;
    });
  }

  /** Until something new may be there; a token that has ended meanwhile reads nothing of it. */
  async #untilMore(
    { filter, principal, signal }: Asked,
    next: number,
    leftMs: number,
    began: number,
  ): Promise<void> {
    const end = performance.now() + leftMs;
    if (this.#size <= next) await this.#waiters.wait(filter.stream, leftMs, signal);
    const again = began + PULL_AGAIN_MS_MIN - performance.now();
    const pause = Math.min(again, end - performance.now());
    if (pause > 0 && !signal.aborted) await sleep(pause);
    if (this.#options.tokens.isValid(principal.id, new Date())) return;
    throw new ApiError('UNAUTHENTICATED', 'this token has ended meanwhile');
  }

  async #served(filter: PullFilter, page: Page, note: PublishedNote | null): Promise<Served> {
    const size = note?.size ?? 0;
    const isBehind = page.next < size;
    return {
      page,
      size,
      note: note?.note ?? '',
      cursor: this.cursorOf(filter, page.next),
      lagSeconds: isBehind ? await this.#lagSeconds(page.next, size) : 0,
    };
  }

  /** Age of the record that is read next. */
  async #lagSeconds(next: number, size: number): Promise<number> {
    const { store, identity, clock } = this.#options;
    const row = await store.record(identity.log, size, next);
    if (row === undefined) return 0;
    const since = row.observed === '0' ? row.t : row.observed;
    return Math.max(0, Number(clock.nowNs() - BigInt(since)) / NS_PER_S);
  }

  #lookOf({ principal, filter, format, consumer, ...asked }: Asked) {
    const filters = Object.fromEntries(filterParameters(filter));
    const how: JsonObject = { format, parts: tellsParts({ format, ...asked }), filter: filters };
    if (consumer !== undefined) how.consumer = consumer;
    return { principal, stream: filter.stream, how };
  }

  /** The first leaf that can be given whole. */
  async #oldest(parts: PartsAsked, ageMsMax = OLDEST_MS): Promise<number> {
    const { store, identity } = this.#options;
    if (performance.now() - this.#oldestAt > ageMsMax) {
      this.#oldestStored = await store.pull.oldest(identity.log);
      this.#oldestAt = performance.now();
    }
    const stored = this.#oldestStored;
    return parts === 'include' ? Math.max(stored, await this.#contents.expiredBelow()) : stored;
  }

  #checked(filter: PullFilter, next: number, oldest: number): number {
    if (next > this.#size) {
      const message = `this cursor stands at leaf ${next}, and the log has ${this.#size}`;
      throw new ApiError('CURSOR_AHEAD', message);
    }
    if (next >= oldest) return next;
    const message = `leaves ${next} to ${oldest - 1} are not kept any more`;
    const cursor = this.cursorOf(filter, oldest);
    const more = { oldest_cursor: cursor, lost_from: next, lost_to: oldest - 1 };
    throw new ApiError('CURSOR_EXPIRED', message, undefined, { more });
  }
}

/** Unless it is asked for, contents are told to whoever may read them. */
function tellsParts({ format, parts, mayParts }: Pick<Asked, 'format' | 'parts' | 'mayParts'>) {
  return hasParts(format) && parts !== 'none' && mayParts;
}
