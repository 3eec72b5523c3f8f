/** Where alerts go: state, test, dead letters. */
import type { Context, Route } from '../context.ts';
import { ApiError } from '../errors.ts';

const REPLAY_IDS_MAX = 1_000;

export const connectorRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/connectors',
    summary: 'Connectors with their cursor, lag and last error.',
    handle(context) {
      context.may('connector.read');
      context.json({ items: context.system.deliveries.status() });
    },
  },
  {
    method: 'POST',
    path: '/v1/connectors/:name/test',
    summary: 'Send one alert that says it is a test; reports each step.',
    async handle(context) {
      context.may('connector.manage', context.params.name);
      await context.record('connector.manage', `test ${context.params.name}`);
      context.json(await context.system.deliveries.test(context.params.name!));
    },
  },
  {
    method: 'GET',
    path: '/v1/connectors/:name/dead-letters',
    summary: 'Alerts the destination will never take, oldest first.',
    handle(context) {
      context.may('connector.read', context.params.name);
      context.json({ items: context.system.deliveries.of(context.params.name!).deadLetters() });
    },
  },
  {
    method: 'POST',
    path: '/v1/connectors/:name/replay',
    summary: 'Send dead letters again under their old ids: {ids: [..] | "all"}.',
    async handle(context) {
      context.may('connector.manage', context.params.name);
      const ids = await replayIds(context);
      await context.record('connector.manage', `replay ${context.params.name}`);
      context.json(await context.system.deliveries.of(context.params.name!).replay(ids), 202);
    },
  },
];

async function replayIds(context: Context): Promise<string[] | 'all'> {
  const body = (await context.body()) as { ids?: unknown } | null;
  const ids = body?.ids;
  if (ids === 'all') return ids;
  const listed = Array.isArray(ids) && ids.length <= REPLAY_IDS_MAX;
  if (listed && ids.every((id) => typeof id === 'string')) return ids;
  throw new ApiError('BAD_REQUEST', `ids must be "all" or up to ${REPLAY_IDS_MAX} alert ids`);
}
