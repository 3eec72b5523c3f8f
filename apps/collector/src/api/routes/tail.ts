/** New rows as they are published, as server-sent events; `id` is the leaf index. */
import { TAIL_FOLLOWERS_MAX } from '@vitrine/schema';
import type { TailReady } from '@vitrine/schema/api';
import type { EventFilter } from '@vitrine/store';
import type { Context, Route } from '../context.ts';
import { ApiError } from '../errors.ts';
import { eventFilter } from '../filter.ts';
import { Followed } from '../followed.ts';

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
  if (tail.size >= TAIL_FOLLOWERS_MAX) {
    throw new ApiError('NOT_READY', `${TAIL_FOLLOWERS_MAX} follow the log already`);
  }
  const subject = context.query('subject');
  const filter: EventFilter = {
    ...eventFilter(context, { log, size }, context.query('session')),
    ...(subject === undefined ? {} : { subject }),
  };
  // Before the answer begins: what is wrong with the request must still find its way back.
  const start = startOf(context, size);
  const itemOf = context.itemOf();
  const out = new Followed(context.stream('text/event-stream'), filter, start, itemOf);
  const leave = tail.follow(out);
  out.onClose(leave);
  const ready: TailReady = { size };
  out.say(`event: ready\ndata: ${JSON.stringify(ready)}\n\n`);
  await replay(context, filter, out);
  await out.replayed();
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

async function replay(context: Context, filter: EventFilter, out: Followed): Promise<void> {
  const { store, hosts } = context.system;
  let after = out.sent;
  while (out.isOpen && after < filter.size - 1) {
    const page = { ...filter, order: 'asc' as const, limit: REPLAY_PAGE_ROWS, after };
    const { rows, stopped } = await store.search(page);
    await hosts.learn(context.asked, rows);
    await out.replay(rows);
    if (rows.length < REPLAY_PAGE_ROWS && stopped === undefined) return;
    after = stopped ?? rows.at(-1)!.idx;
  }
}
