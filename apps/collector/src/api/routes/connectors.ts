/** Where alerts go: state, test, pause, dead letters. */
import type { Delivery } from '@vitrine/connectors';
import {
  CONNECTOR_IDS_MAX,
  CONNECTOR_REASON_CHARS_MAX,
  CodedError,
  isObject,
} from '@vitrine/schema';
import type {
  ConnectorAnswer,
  ConnectorItem,
  ConnectorsAnswer,
  DeadLettersAnswer,
  DropAnswer,
  DryRun,
  ReplayAnswer,
  TestLine,
  TestReport,
} from '@vitrine/schema/api';
import { type Context, NDJSON_TYPE, type Route } from '../context.ts';
import { ApiError } from '../errors.ts';

export const connectorRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/connectors',
    summary: 'Connectors with their cursor, lag and last error.',
    handle(context) {
      context.may('connector.read');
      context.json<ConnectorsAnswer>({ items: context.system.deliveries.status() });
    },
  },
  {
    method: 'GET',
    path: '/v1/connectors/:name',
    summary: 'One connector with its settings; secrets as the references that they are.',
    handle(context) {
      context.may('connector.read', context.params.name);
      const { deliveries } = context.system;
      const name = context.params.name!;
      const status = deliveries.of(name).status();
      context.json<ConnectorAnswer>({ ...status, settings: deliveries.settings(name) });
    },
  },
  {
    method: 'POST',
    path: '/v1/connectors/:name/test',
    summary:
      'Send one alert that says it is a test; reports each step, as NDJSON while it goes on.',
    async handle(context) {
      context.may('connector.manage', context.params.name);
      deliveryOf(context);
      await context.record('connector.manage', `test ${context.params.name}`);
      if (context.accepts(NDJSON_TYPE)) return testInSight(context);
      context.json<TestReport>(await context.system.deliveries.test(context.params.name!));
    },
  },
  {
    method: 'POST',
    path: '/v1/connectors/:name/dry-run',
    summary: 'What a test would send, request by request, without secrets; sends nothing.',
    handle(context) {
      context.may('connector.manage', context.params.name);
      context.json<DryRun>(context.system.deliveries.dryRun(context.params.name!));
    },
  },
  {
    method: 'POST',
    path: '/v1/connectors/:name/pause',
    summary: 'Send nothing until resume, restarts included: {reason}.',
    async handle(context) {
      context.may('connector.manage', context.params.name);
      const delivery = deliveryOf(context);
      const reason = reasonOf(await context.body());
      await context.record('connector.manage', `pause ${context.params.name}`, { reason });
      await delivery.pause(reason);
      context.json<ConnectorItem>(delivery.status());
    },
  },
  {
    method: 'POST',
    path: '/v1/connectors/:name/resume',
    summary: 'Go on after a pause of any kind: {reason}, which may be left out.',
    async handle(context) {
      context.may('connector.manage', context.params.name);
      const delivery = deliveryOf(context);
      const more = context.hasBody ? whyOf(await context.body()) : {};
      await context.record('connector.manage', `resume ${context.params.name}`, more);
      await delivery.resume();
      context.json<ConnectorItem>(delivery.status());
    },
  },
  {
    method: 'GET',
    path: '/v1/connectors/:name/dead-letters',
    summary: 'Alerts the destination will never take, oldest first.',
    handle(context) {
      context.may('connector.read', context.params.name);
      context.json<DeadLettersAnswer>({ items: deliveryOf(context).deadLetters() });
    },
  },
  {
    method: 'POST',
    path: '/v1/connectors/:name/replay',
    summary:
      'Send dead letters again under their old ids: {ids: [..] | "all"} or {range: {from, to}} ' +
      'of leaf indices, and a reason, which may be left out.',
    async handle(context) {
      context.may('connector.manage', context.params.name);
      const delivery = deliveryOf(context);
      const body = await context.body();
      const ids = chosenOf(body, delivery);
      const more = { ...whyOf(body), ...told(ids, delivery) };
      await context.record('connector.manage', `replay ${context.params.name}`, more);
      context.json<ReplayAnswer>(await delivery.replay(ids), 202);
    },
  },
  {
    method: 'POST',
    path: '/v1/connectors/:name/drop',
    summary: 'Let dead letters go for good: {ids: [..] | "all", reason}.',
    async handle(context) {
      context.may('connector.manage', context.params.name);
      const delivery = deliveryOf(context);
      const body = await context.body();
      const [ids, reason] = [idsOf(body), reasonOf(body)];
      const more = { reason, ...told(ids, delivery) };
      await context.record('connector.manage', `drop ${context.params.name}`, more);
      context.json<DropAnswer>(await delivery.drop(ids, reason));
    },
  },
];

function deliveryOf(context: Context): Delivery {
  return context.system.deliveries.of(context.params.name!);
}

/** Each step as it is over, then the report. */
async function testInSight(context: Context): Promise<void> {
  const response = context.stream(NDJSON_TYPE);
  const line = (value: TestLine): unknown => response.write(`${JSON.stringify(value)}\n`);
  try {
    const { deliveries } = context.system;
    line({ report: await deliveries.test(context.params.name!, (step) => line({ step })) });
  } catch (error) {
    const told = error instanceof CodedError ? error : undefined;
    if (told === undefined) context.system.log(`connectors test: ${String(error)}`);
    line({ error: told ?? new ApiError('INTERNAL', 'the test could not be finished') });
  }
  response.end();
}

/** Which dead letters it was, for the log: no id that is none, for it may be any text. */
function told(ids: string[] | 'all', delivery: Delivery): { alerts: string[]; count: number } {
  const wanted = ids === 'all' ? undefined : new Set(ids);
  const letters = delivery.deadLetters().map(({ id }) => id);
  const alerts = letters.filter((id) => wanted === undefined || wanted.has(id));
  return { alerts: alerts.slice(0, CONNECTOR_IDS_MAX), count: alerts.length };
}

/** Ids, or the dead letters of a range of leaf indices, both ends included. */
function chosenOf(body: unknown, delivery: Delivery): string[] | 'all' {
  const range = isObject(body) ? body.range : undefined;
  if (range === undefined) return idsOf(body);
  const { from, to } = isObject(range) ? range : {};
  if (!isIndex(from) || !isIndex(to) || from > to || (isObject(body) && 'ids' in body)) {
    const message = 'range must be {from, to}, leaf indices in order, and without ids beside it';
    throw new ApiError('BAD_REQUEST', message);
  }
  const inside = delivery.deadLetters().filter(({ index }) => index >= from && index <= to);
  return inside.map(({ id }) => id);
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function whyOf(body: unknown): { reason?: string } {
  return isObject(body) && body.reason !== undefined ? { reason: reasonOf(body) } : {};
}

function idsOf(body: unknown): string[] | 'all' {
  const ids = isObject(body) ? body.ids : undefined;
  if (ids === 'all') return ids;
  const listed = Array.isArray(ids) && ids.length <= CONNECTOR_IDS_MAX;
  if (listed && ids.every((id) => typeof id === 'string')) return ids;
  throw new ApiError('BAD_REQUEST', `ids must be "all" or up to ${CONNECTOR_IDS_MAX} alert ids`);
}

/** Why, in a person's words: it goes into the log. */
function reasonOf(body: unknown): string {
  const reason = isObject(body) ? body.reason : undefined;
  const text = typeof reason === 'string' && reason.isWellFormed() ? reason.trim() : '';
  if (text !== '' && text.length <= CONNECTOR_REASON_CHARS_MAX) return text;
  const message = `reason must be 1 to ${CONNECTOR_REASON_CHARS_MAX} characters`;
  throw new ApiError('BAD_REQUEST', message);
}
