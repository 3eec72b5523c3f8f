/** Where alerts go: state, test, pause, dead letters. */
import type { Delivery } from '@vitrine/connectors';
import { CONNECTOR_REASON_CHARS_MAX, isObject } from '@vitrine/schema';
import type { Context, Route } from '../context.ts';
import { ApiError } from '../errors.ts';

const IDS_MAX = 1_000;

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
    method: 'POST',
    path: '/v1/connectors/:name/dry-run',
    summary:
      'Request and body of a test alert as they would be sent, without secrets; sends nothing.',
    handle(context) {
      context.may('connector.manage', context.params.name);
      context.json(context.system.deliveries.dryRun(context.params.name!));
    },
  },
  {
    method: 'POST',
    path: '/v1/connectors/:name/pause',
    summary: 'Send nothing until resume, restarts included: {reason}.',
    async handle(context) {
      const delivery = manage(context);
      const reason = reasonOf(await context.body());
      await context.record('connector.manage', `pause ${context.params.name}`, { reason });
      await delivery.pause(reason);
      context.json(delivery.status());
    },
  },
  {
    method: 'POST',
    path: '/v1/connectors/:name/resume',
    summary: 'Go on after a pause of any kind.',
    async handle(context) {
      const delivery = manage(context);
      await context.record('connector.manage', `resume ${context.params.name}`);
      await delivery.resume();
      context.json(delivery.status());
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
      const delivery = manage(context);
      const ids = idsOf(await context.body());
      await context.record('connector.manage', `replay ${context.params.name}`);
      context.json(await delivery.replay(ids), 202);
    },
  },
  {
    method: 'POST',
    path: '/v1/connectors/:name/drop',
    summary: 'Let dead letters go for good: {ids: [..] | "all", reason}.',
    async handle(context) {
      const delivery = manage(context);
      const body = await context.body();
      const [ids, reason] = [idsOf(body), reasonOf(body)];
      const alerts = ids === 'all' ? delivery.deadLetters().map(({ id }) => id) : ids;
      const more = { reason, alerts: alerts.slice(0, IDS_MAX), count: alerts.length };
      await context.record('connector.manage', `drop ${context.params.name}`, more);
      context.json(await delivery.drop(ids, reason));
    },
  },
];

function manage(context: Context): Delivery {
  context.may('connector.manage', context.params.name);
  return context.system.deliveries.of(context.params.name!);
}

function idsOf(body: unknown): string[] | 'all' {
  const ids = isObject(body) ? body.ids : undefined;
  if (ids === 'all') return ids;
  const listed = Array.isArray(ids) && ids.length <= IDS_MAX;
  if (listed && ids.every((id) => typeof id === 'string')) return ids;
  throw new ApiError('BAD_REQUEST', `ids must be "all" or up to ${IDS_MAX} alert ids`);
}

/** Why, in a person's words: it goes into the log. */
function reasonOf(body: unknown): string {
  const reason = isObject(body) ? body.reason : undefined;
  const text = typeof reason === 'string' ? reason.trim() : '';
  if (text !== '' && text.length <= CONNECTOR_REASON_CHARS_MAX) return text;
  const message = `reason must be 1 to ${CONNECTOR_REASON_CHARS_MAX} characters`;
  throw new ApiError('BAD_REQUEST', message);
}
