/** Sums over the events of a session, or of all: times, processes, decisions. */
import { HISTOGRAM_BUCKETS_DEFAULT, HISTOGRAM_BUCKETS_MAX } from '@vitrine/schema';
import type { Context, Route } from '../context.ts';
import { ApiError } from '../errors.ts';
import { eventFilter } from '../filter.ts';

/** What the column of times holds: 2262. */
const NS_MAX = 2n ** 63n - 1n;

export const statsRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/sessions/:session/histogram',
    summary: 'Events of a session in time; buckets=, from=, to= (ns), and kind=, vantage=, q=.',
    handle(context) {
      context.may('event.read', context.params.session);
      return answer(context, ({ store, log, size }) => {
        const session = context.params.session!;
        const filter = eventFilter(context, { log, size }, session);
        const buckets = context.integer('buckets', 1, HISTOGRAM_BUCKETS_MAX);
        const query = { ...filter, ...span(context), session };
        return store.histogram({ ...query, buckets: buckets ?? HISTOGRAM_BUCKETS_DEFAULT });
      });
    },
  },
  {
    method: 'GET',
    path: '/v1/sessions/:session/processes',
    summary: 'Processes of a session with parent, exit and counts; vantage= narrows them.',
    handle(context) {
      context.may('event.read', context.params.session);
      return answer(context, ({ store, log, size }) => {
        const session = context.params.session!;
        const { vantages } = eventFilter(context, { log, size }, session);
        const narrowed = vantages === undefined ? {} : { vantages };
        return store.processes({ log, size, session, ...narrowed });
      });
    },
  },
  {
    method: 'GET',
    path: '/v1/stats/approvals',
    summary:
      'Decisions by value and source, their rate and waiting time; session=, from=, to= (ns).',
    handle(context) {
      const session = context.query('session');
      context.may('event.read', session);
      return answer(context, ({ store, log, size }) => {
        const narrowed = session === undefined ? {} : { session };
        return store.approvals({ log, size, ...narrowed, ...span(context) });
      });
    },
  },
];

/** What the store counts over the published leaves, and how many they are. */
async function answer(
  context: Context,
  count: (asked: Context['asked']) => Promise<object>,
): Promise<void> {
  const { asked } = context;
  context.json({ ...(await count(asked)), size: asked.size });
}

/** `from` and `to` of the query string, both inclusive. */
function span(context: Context): { from?: string; to?: string } {
  const from = instant(context, 'from');
  const to = instant(context, 'to');
  if (from !== undefined && to !== undefined && BigInt(from) > BigInt(to)) {
    throw new ApiError('BAD_REQUEST', 'from must not be after to');
  }
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function instant(context: Context, name: string): string | undefined {
  const text = context.query(name);
  if (text === undefined) return undefined;
  if (/^\d{1,19}$/.test(text) && BigInt(text) <= NS_MAX) return text;
  throw new ApiError('BAD_REQUEST', `${name} must be unix nanoseconds, at most ${NS_MAX}`);
}
