/** How events lie in time. */
import { HISTOGRAM_BUCKETS_DEFAULT, HISTOGRAM_BUCKETS_MAX } from '@vitrine/schema';
import type { HistogramAnswer } from '@vitrine/schema/api';
import type { Context, Route } from '../context.ts';
import { eventFilter } from '../filter.ts';
import { spanOf } from '../span.ts';

export const statsRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/sessions/:session/histogram',
    summary: 'Events of a session in time; buckets=, from=, to= (ns), and kind=, vantage=, q=.',
    handle(context) {
      context.may('event.read', context.params.session);
      return histogramOf(context, context.params.session);
    },
  },
  {
    method: 'GET',
    path: '/v1/stats/histogram',
    summary: 'Events of all sessions in time, or of session=; as the histogram of one session.',
    handle(context) {
      context.may('event.read', context.query('session'));
      return histogramOf(context, context.query('session'));
    },
  },
];

/** What the store counts over the published leaves, and how many they are. */
async function histogramOf(context: Context, session: string | undefined): Promise<void> {
  const { store, log, size } = context.asked;
  const filter = eventFilter(context, { log, size }, session);
  const buckets = context.integer('buckets', 1, HISTOGRAM_BUCKETS_MAX) ?? HISTOGRAM_BUCKETS_DEFAULT;
  const found = await store.histogram({ ...filter, ...spanOf(context), buckets });
  context.json<HistogramAnswer>({ ...found, size });
}
