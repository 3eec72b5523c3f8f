/** What an analyst looks at beside the timeline: files, egress, processes, approvals. */
import { isVantage, VIEW_TEXT_CHARS_MAX } from '@vitrine/schema';
import {
  type ApprovalsAnswer,
  type AtSize,
  type Egress,
  type EgressAnswer,
  FILE_OPS,
  FILE_SORTS,
  type Files,
  MOUNT_MODES,
  type ProcessTree,
} from '@vitrine/schema/api';
import type { Context, Route } from '../context.ts';
import { ApiError } from '../errors.ts';
import { spanOf } from '../span.ts';

const ORDERS = ['asc', 'desc'] as const;

export const viewRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/sessions/:session/processes',
    summary: 'Processes of a session with parent, exit, what each did, and what all below it did.',
    async handle(context) {
      context.may('event.read', context.params.session);
      const session = context.params.session!;
      const { store, log, size } = context.asked;
      const found = await store.views.processes({ log, size, session, ...vantages(context) });
      await answer<ProcessTree>(context, found, found.processes.length);
    },
  },
  {
    method: 'GET',
    path: '/v1/sessions/:session/files',
    summary: 'Files of a session by path and vantage; q=, op=, mode=, vantage=, sort=, order=.',
    async handle(context) {
      context.may('event.read', context.params.session);
      const session = context.params.session!;
      const { store, log, size } = context.asked;
      const found = await store.views.files({
        ...{ log, size, session, limit: context.limit(), ...vantages(context) },
        ...named('text', text(context, 'q')),
        ...named('op', oneOf(context, 'op', FILE_OPS)),
        ...named('mode', oneOf(context, 'mode', MOUNT_MODES)),
        ...named('sort', oneOf(context, 'sort', FILE_SORTS)),
        ...named('order', oneOf(context, 'order', ORDERS)),
      });
      await answer<Files>(context, found, found.items.length);
    },
  },
  {
    method: 'GET',
    path: '/v1/sessions/:session/egress',
    summary: 'What left a session, by host, function and vantage; host=, vantage=, limit=.',
    async handle(context) {
      context.may('event.read', context.params.session);
      await answerEgress(context, context.params.session);
    },
  },
  {
    method: 'GET',
    path: '/v1/stats/egress',
    summary: 'The same of all sessions, of the newest events; host=, vantage=, from=, to= (ns).',
    async handle(context) {
      const session = context.query('session');
      context.may('event.read', session);
      await answerEgress(context, session);
    },
  },
  {
    method: 'GET',
    path: '/v1/stats/approvals',
    summary:
      'Who approved what, how fast, and what followed; user=, tool=, session=, since=, to= (ns).',
    async handle(context) {
      const session = context.query('session');
      context.may('event.read', session);
      context.may('alert.read', session);
      const { store, log, size } = context.asked;
      const asked = { log, size, ...named('session', session), ...spanOf(context) };
      const [sums, views] = await Promise.all([
        store.views.approvals(asked),
        store.views.approvalViews({
          ...asked,
          ...named('user', context.query('user')),
          ...named('tool', context.query('tool')),
        }),
      ]);
      context.json<ApprovalsAnswer>({ ...sums, ...views, size });
    },
  },
];

async function answerEgress(context: Context, session: string | undefined): Promise<void> {
  const { store, log, size } = context.asked;
  const found = await store.views.egress({
    ...{ log, size, limit: context.limit(), ...vantages(context), ...spanOf(context) },
    ...named('session', session),
    ...named('host', text(context, 'host')),
  });
  if (session === undefined) context.json<EgressAnswer>({ ...found, size });
  else await answer<Egress>(context, found, found.items.length, session);
}

/** An answer without a row says NOT_FOUND where there is no such session. */
async function answer<Found extends object>(
  context: Context,
  found: NoInfer<Found>,
  rows: number,
  session = context.params.session!,
): Promise<void> {
  const { store, log, size } = context.asked;
  if (rows === 0 && (await store.session(log, size, session)) === undefined) {
    throw new ApiError('NOT_FOUND', `there is no session ${session}`);
  }
  context.json<Found & AtSize>({ ...found, size });
}

function vantages(context: Context): { vantages?: string[] } {
  const list = context.query('vantage')?.split(',');
  if (list?.every(isVantage) === false) {
    throw new ApiError('BAD_REQUEST', 'vantage must be agent, guest, boundary or host');
  }
  return named('vantages', list);
}

function text(context: Context, name: string): string | undefined {
  const given = context.query(name);
  if (given === undefined || given.length <= VIEW_TEXT_CHARS_MAX) return given;
  throw new ApiError('BAD_REQUEST', `${name} must have at most ${VIEW_TEXT_CHARS_MAX} characters`);
}

function oneOf<T extends string>(
  context: Context,
  name: string,
  words: readonly T[],
): T | undefined {
  const given = context.query(name);
  if (given === undefined) return undefined;
  const word = words.find((one) => one === given);
  if (word !== undefined) return word;
  throw new ApiError('BAD_REQUEST', `${name} must be one of ${words.join(', ')}`);
}

function named<K extends string, V>(name: K, value: V | undefined): { [k in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [k in K]?: V });
}
