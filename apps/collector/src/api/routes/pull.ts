/** The consumer API: streams by cursor, and consumers whose cursor is kept here. */
import { isObject } from '@vitrine/schema';
import {
  type ConsumerDeleted,
  type ConsumerItem,
  type ConsumersAnswer,
  PULL_STREAMS,
  type PullFormat,
  type PullStream,
} from '@vitrine/schema/api';
import { isStream, may, type Principal } from '../../access/may.ts';
import {
  formatOf,
  type PartsAsked,
  partsOf,
  SHAPE_NAMES,
  type Start,
  shapeOf,
  startOf,
} from '../../serve/asked.ts';
import type { Consumer } from '../../serve/consumers.ts';
import { bodyOf } from '../../serve/formats.ts';
import type { Served } from '../../serve/pulls.ts';
import {
  FILTER_NAMES,
  filterParameters,
  type PullFilter,
  pullFilter,
} from '../../serve/streams.ts';
import type { Context, Route } from '../context.ts';
import { ApiError } from '../errors.ts';

export const pullRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/pull/:stream',
    summary:
      'Records of events, alerts, checkpoints or access by leaf index; cursor=, since=, from=, ' +
      'limit=, max_bytes=, wait=, format=, filters.',
    async handle(context) {
      const stream = streamOf(context.params.stream);
      const principal = context.may(`pull.${stream}`, stream);
      const limits = context.system.pulls.calls.count(principal.id);
      const filter = pullFilter(stream, (name) => context.query(name));
      const format = formatOf(context.query('format'));
      const parts = partsOf(context.query('parts'), format);
      const start = startOf((name) => context.query(name));
      const served = await serve(context, { principal, filter, format, parts, start });
      const query = new URLSearchParams(filterParameters(filter));
      for (const name of ['format', 'parts', ...SHAPE_NAMES]) {
        const value = context.query(name);
        if (value !== undefined) query.set(name, value);
      }
      query.set('cursor', served.cursor);
      send(context, format, served, { ...limits, link: nextLink(`/v1/pull/${stream}`, query) });
    },
  },
  {
    method: 'GET',
    path: '/v1/consumers',
    summary: 'Named consumers of the streams that the token may read.',
    async handle(context) {
      context.may('pull.consume');
      const { consumers } = context.system.pulls;
      const shown = consumers.list().filter(({ filter }) => mayPull(context, filter.stream));
      context.json<ConsumersAnswer>({
        items: await Promise.all(shown.map((one) => itemOf(context, one))),
      });
    },
  },
  {
    method: 'PUT',
    path: '/v1/consumers/:name',
    summary:
      'Make a consumer: {stream, filter?, format?, parts?, and cursor, since or from}. The same ' +
      'again changes nothing.',
    async handle(context) {
      const principal = context.may('pull.consume', context.params.name);
      const { pulls } = context.system;
      pulls.calls.count(principal.id);
      const body = await context.body();
      const given = isObject(body) ? body : {};
      const stream = streamOf(given.stream);
      context.may(`pull.${stream}`, stream);
      const filter = filterOf(stream, given.filter);
      const format = formatOf(given.format);
      const parts = partsOf(given.parts, format);
      if (parts === 'include') context.may('part.read', context.params.name);
      const next = await pulls.placeOf(
        filter,
        startOf((name) => given[name]),
        parts,
      );
      const name = context.params.name!;
      const now = new Date().toISOString();
      const made = { name, filter, format, parts, next, token: principal.id, created: now };
      if (pulls.consumers.isNew(made)) await context.record('pull.consume', `make ${name}`);
      const status = (await pulls.consumers.put(made)) ? 201 : 200;
      context.json<ConsumerItem>(await itemOf(context, pulls.consumers.of(name)), status);
    },
  },
  {
    method: 'GET',
    path: '/v1/consumers/:name',
    summary: 'A consumer: what it reads, its place, its lag, its last ack.',
    async handle(context) {
      context.may('pull.consume', context.params.name);
      context.json<ConsumerItem>(await itemOf(context, ownOf(context).consumer));
    },
  },
  {
    method: 'DELETE',
    path: '/v1/consumers/:name',
    summary: 'Forget a consumer and its place.',
    async handle(context) {
      context.may('pull.consume', context.params.name);
      const { consumer } = ownOf(context);
      await context.record('pull.consume', `delete ${consumer.name}`);
      await context.system.pulls.consumers.delete(consumer.name);
      context.json<ConsumerDeleted>({ deleted: consumer.name });
    },
  },
  {
    method: 'GET',
    path: '/v1/consumers/:name/pull',
    summary:
      'What comes behind the last ack of a consumer; the same again until it is acknowledged. ' +
      'limit=, max_bytes=, wait=, page=, reader=.',
    async handle(context) {
      context.may('pull.consume', context.params.name);
      const { consumer, principal } = ownOf(context);
      const { name, filter, format, parts, next } = consumer;
      const { consumers, calls } = context.system.pulls;
      const limits = calls.count(principal.id);
      const lease = consumers.begin(name, readerOf(context, principal));
      try {
        const how = { principal, filter, format, parts, start: { next }, consumer: name };
        send(context, format, await serve(context, how), limits);
      } finally {
        lease.end();
      }
    },
  },
  {
    method: 'POST',
    path: '/v1/consumers/:name/ack',
    summary: 'Everything before {cursor} was taken: the next pull begins there. reader=.',
    async handle(context) {
      context.may('pull.consume', context.params.name);
      const { consumer, principal } = ownOf(context);
      const { pulls } = context.system;
      pulls.calls.count(principal.id);
      const body = await context.body();
      const cursor = isObject(body) ? body.cursor : undefined;
      if (typeof cursor !== 'string') {
        throw new ApiError('BAD_REQUEST', 'the body is {"cursor": X-Next-Cursor of the page}');
      }
      const next = pulls.ackOf(consumer.filter, cursor);
      pulls.consumers.check(consumer.name, readerOf(context, principal));
      const acked = await pulls.consumers.ack(consumer.name, next, new Date());
      context.json<ConsumerItem>(await itemOf(context, acked));
    },
  },
];

const READER = /^[!-~]{1,64}$/;

function streamOf(name: unknown): PullStream {
  if (isStream(name)) return name;
  throw new ApiError('NOT_FOUND', `streams are ${PULL_STREAMS.join(', ')}`);
}

function mayPull({ principal, system }: Context, stream: PullStream): boolean {
  const { tenant } = system.config;
  return principal !== null && may(principal, `pull.${stream}`, { tenant });
}

/** The consumer of the path, of a stream that the token may read. */
function ownOf(context: Context): { consumer: Consumer; principal: Principal } {
  const consumer = context.system.pulls.consumers.of(context.params.name!);
  const principal = context.may(`pull.${consumer.filter.stream}`, consumer.name);
  return { consumer, principal };
}

/** Two programs that share a token tell themselves apart by `reader`. */
function readerOf(context: Context, { id }: Principal): string {
  const reader = context.query('reader') ?? '';
  if (reader !== '' && !READER.test(reader)) {
    throw new ApiError('BAD_REQUEST', 'reader must be 1 to 64 printable characters');
  }
  return `${id}/${reader}`;
}

/** A body's filter: texts, numbers and lists of texts under the names of a query string. */
function filterOf(stream: PullStream, given: unknown): PullFilter {
  const filter = given === undefined || given === null ? {} : given;
  const isKnown = (name: string): boolean => (FILTER_NAMES as readonly string[]).includes(name);
  if (!isObject(filter) || !Object.keys(filter).every(isKnown)) {
    throw new ApiError('BAD_REQUEST', `filter may have ${FILTER_NAMES.join(', ')}`);
  }
  return pullFilter(stream, (name) => {
    const value = filter[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string') return value;
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join();
    throw new ApiError('BAD_REQUEST', `filter.${name} must be a text`);
  });
}

interface Asking {
  principal: Principal;
  filter: PullFilter;
  format: PullFormat;
  parts: PartsAsked;
  start: Start;
  consumer?: string;
}

async function serve(context: Context, asking: Asking): Promise<Served> {
  const { principal, system, response } = context;
  const shape = shapeOf(context, asking.format);
  if (asking.parts === 'include') context.may('part.read', asking.filter.stream);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const { tenant } = system.config;
  const mayParts = may(principal!, 'part.read', { tenant });
  return system.pulls.serve({ ...asking, shape, mayParts, signal: gone.signal });
}

function nextLink(path: string, query: URLSearchParams): string {
  return `<${path}?${query}>; rel="next"`;
}

function send(
  context: Context,
  format: PullFormat,
  { page, size, note, cursor, lagSeconds }: Served,
  headers: Record<string, string>,
): void {
  const isMore = page.next < size;
  const told = { next_cursor: cursor, has_more: isMore, tree_size: size, checkpoint: note };
  const last = context.query('page') === 'inline' ? { _page: told } : undefined;
  const { principal, response, system } = context;
  const { type, body } = bodyOf(format, page.pieces, system.pulls.origin, last);
  context.send(200, type, body, {
    'cache-control': 'no-store',
    'x-next-cursor': cursor,
    'x-has-more': String(isMore),
    'x-lag-seconds': lagSeconds.toFixed(3),
    'x-tree-size': String(size),
    ...headers,
  });
  system.pulls.unsent.hold(principal!.id, response, Buffer.byteLength(body));
}

async function itemOf({ system }: Context, consumer: Consumer): Promise<ConsumerItem> {
  const { name, filter, format, parts, next, created, last_ack } = consumer;
  const { pulls } = system;
  const { leaves, seconds } = await pulls.lagOf(next);
  return {
    name,
    stream: filter.stream,
    filter: Object.fromEntries(filterParameters(filter)),
    format,
    parts,
    cursor: pulls.cursorOf(filter, next),
    lag: { leaves, seconds: Math.round(seconds) },
    last_ack,
    is_read: pulls.consumers.readerOf(name) !== null,
    created,
  };
}
