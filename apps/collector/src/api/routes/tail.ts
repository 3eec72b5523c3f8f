/** New rows as they are published, as server-sent events; `id` is the leaf index. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { TAIL_BUFFER_BYTES_MAX, TAIL_BUFFER_ROWS_MAX } from '@vitrine/schema';
import { matcherOf } from '@vitrine/schema/query';
import type { EventFilter, RecordRow } from '@vitrine/store';
import type { Context, Route } from '../context.ts';
import type { ItemOf } from '../dialect.ts';
import { ApiError } from '../errors.ts';
import { eventFilter } from '../filter.ts';

const KEEP_ALIVE_MS = 15_000;
const REPLAY_PAGE_ROWS = 500;

export const tailRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/tail',
    summary:
      'Follow events live; after= or Last-Event-ID continues without a hole; subject=, format=.',
    async handle(context) {
      context.may('event.read', context.query('session'));
      await follow(context);
    },
  },
];

/**
 * First what was published since `after`, then what comes: rows that arrive meanwhile wait, and an
 * index is never sent twice. A follower that does not read is cut off: it comes back with the index
 * it has seen.
 */
async function follow(context: Context): Promise<void> {
  const { tail } = context.system;
  const { log, size } = context.asked;
  const subject = context.query('subject');
  const filter: EventFilter = {
    ...eventFilter(context, { log, size }, context.query('session')),
    ...(subject === undefined ? {} : { subject }),
  };
  // Before the answer begins: what is wrong with the request must still find its way back.
  const start = startOf(context, size);
  const itemOf = context.itemOf();
  const out = new Followed(context.stream('text/event-stream'), filter, start, itemOf);
  const waiting: RecordRow[] = [];
  let replaying = true;
  const leave = tail.follow({
    take(rows) {
      if (replaying) waiting.push(...rows);
      else out.write(rows);
      return waiting.length <= TAIL_BUFFER_ROWS_MAX && !out.isFull;
    },
    end: () => out.cut(),
  });
  out.onClose(leave);
  out.say(`event: ready\ndata: {"size":${size}}\n\n`);
  await replay(context, filter, out);
  replaying = false;
  out.write(waiting.splice(0));
}

/** The index before the first one to send: -1 in front of a log that was empty. */
function startOf(context: Context, size: number): number {
  const header = context.request.headers['last-event-id'];
  if (header === undefined) {
    return context.integer('after', -1, Number.MAX_SAFE_INTEGER) ?? size - 1;
  }
  if (typeof header !== 'string' || !/^(-1|\d{1,15})$/.test(header)) {
    throw new ApiError('BAD_REQUEST', 'Last-Event-ID must be the index of a leaf, or -1');
  }
  return Number(header);
}

/** One open answer. Owns its timer, and never writes to an answer that has ended. */
class Followed {
  readonly #response: ServerResponse;
  readonly #filter: EventFilter;
  readonly #matches: (row: RecordRow) => boolean;
  readonly #itemOf: ItemOf;
  #sent: number;

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

  get isFull(): boolean {
    return this.#response.writableLength > TAIL_BUFFER_BYTES_MAX;
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

  write(rows: RecordRow[]): void {
    for (const row of rows) {
      if (row.idx <= this.#sent) continue;
      this.#sent = row.idx;
      if (!wanted(row, this.#filter) || !this.#matches(row)) continue;
      const data = JSON.stringify(this.#itemOf(row));
      this.say(`event: record\nid: ${row.idx}\ndata: ${data}\n\n`);
    }
  }

  /** Resolves when the client has read enough to go on, or is gone. */
  async drained(): Promise<void> {
    if (!this.isOpen || !this.#response.writableNeedDrain) return;
    const gone = new AbortController();
    this.onClose(() => gone.abort());
    await once(this.#response, 'drain', { signal: gone.signal }).catch(() => {});
  }

  cut(): void {
    this.#response.destroy();
  }
}

async function replay(context: Context, filter: EventFilter, out: Followed): Promise<void> {
  const { store, hosts } = context.system;
  let after = out.sent;
  while (out.isOpen && after < filter.size - 1) {
    const page = { ...filter, order: 'asc' as const, limit: REPLAY_PAGE_ROWS, after };
    const { rows, stopped } = await store.search(page);
    await hosts.learn(context.asked, rows);
    out.write(rows);
    await out.drained();
    if (rows.length < REPLAY_PAGE_ROWS && stopped === undefined) return;
    after = stopped ?? rows.at(-1)!.idx;
  }
}

function wanted(row: RecordRow, filter: EventFilter): boolean {
  if (filter.session !== undefined && row.session !== filter.session) return false;
  if (filter.kinds !== undefined && !filter.kinds.includes(row.kind)) return false;
  if (filter.vantages !== undefined && !filter.vantages.includes(row.vantage)) return false;
  if (filter.subject !== undefined && row.subject !== filter.subject) return false;
  return true;
}
