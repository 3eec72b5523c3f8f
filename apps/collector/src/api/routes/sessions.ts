/** Sessions and their timelines. */
import type { JsonObject } from '@vitrine/schema';
import type { SessionItem, SessionPage } from '@vitrine/schema/api';
import type { StoredSession } from '@vitrine/store';
import type { Context, Route } from '../context.ts';
import { edrLink } from '../edr-link.ts';
import { ApiError } from '../errors.ts';
import { eventFilter, pageOf, readPage, searchedOf } from '../filter.ts';

/** The log's own chains are in /v1/events: they are no session. */
const OWN_SESSION = 'log';

export const sessionRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/sessions',
    summary:
      'Sessions, newest first; host=, pid=, at= (time, ns), edr_device= and session= narrow them.',
    async handle(context) {
      context.may('session.read');
      const { store, log, size } = context.asked;
      const page = await store.sessions({
        log,
        size,
        limit: context.limit(),
        cursor: context.query('cursor'),
        host: context.query('host'),
        pid: context.integer('pid', 1, 2 ** 22),
        edr: context.query('edr_device') ?? context.query('edr'),
        at: timeOf(context),
        session: context.query('session'),
      });
      const items = page.items.map((item) => withEdrLink(context, item));
      context.json<SessionPage>({ ...page, items, size });
    },
  },
  {
    method: 'GET',
    path: '/v1/sessions/:session',
    summary: 'One session.',
    async handle(context) {
      context.may('session.read', context.params.session);
      context.json<SessionItem>(await sessionOf(context));
    },
  },
  {
    method: 'GET',
    path: '/v1/sessions/:session/events',
    summary: 'The timeline of one session; q= (a query), format= ocsf, ecs, cef, leef.',
    async handle(context) {
      context.may('event.read', context.params.session);
      await answerEvents(context, context.params.session);
    },
  },
  {
    method: 'GET',
    path: '/v1/events',
    summary: 'Events of all sessions, by leaf index; q=, leaf= (base64); partial: go on at cursor.',
    async handle(context) {
      context.may('event.read');
      await answerEvents(context, undefined, context.query('leaf'));
    },
  },
  {
    method: 'GET',
    path: '/v1/search',
    summary:
      'Events that a query finds: q=, of all sessions or session=; partial: go on at cursor.',
    async handle(context) {
      context.may('event.read', context.query('session'));
      await answerEvents(context, context.query('session'));
    },
  },
];

/** `at=`: unix nanoseconds; a pid is used again, and this tells whose it was then. */
function timeOf(context: Context): string | undefined {
  const at = context.query('at');
  if (at === undefined || /^\d{1,19}$/.test(at)) return at;
  throw new ApiError('BAD_REQUEST', 'at must be unix nanoseconds');
}

function withEdrLink(context: Context, item: StoredSession): SessionItem {
  const identity = item.host as JsonObject | null;
  return { ...item, edr_link: edrLink(context.system.config.links.edr, identity) };
}

async function sessionOf(context: Context): Promise<SessionItem> {
  return withEdrLink(context, await askSession(context, context.params.session!));
}

async function askSession(context: Context, name: string): Promise<StoredSession> {
  const { store, log, size } = context.asked;
  const found = await store.session(log, size, name);
  if (found === undefined) throw new ApiError('NOT_FOUND', `there is no session ${name}`);
  return found;
}

async function answerEvents(
  context: Context,
  session: string | undefined,
  leaf?: string,
): Promise<void> {
  const { store, log, size } = context.asked;
  const narrowed = leaf === undefined ? {} : { leaf };
  const filter = { ...eventFilter(context, { log, size }, session), ...narrowed };
  if (session === undefined || filter.query !== undefined) {
    const { asked, ...found } = await readPage(filter, (part) => store.search(part));
    // A row says that there is such a session; only an empty page needs to ask.
    if (session !== undefined && found.rows.length === 0) await askSession(context, session);
    context.page(await searchedOf(found, asked, await context.itemsOf(found.rows)), size);
    return;
  }
  const { rows, asked } = await readPage(filter, async (part) => ({
    rows: await store.events(part),
  }));
  if (rows.length === 0 || session === OWN_SESSION) await askSession(context, session);
  context.page(await pageOf(rows, asked, await context.itemsOf(rows)), size);
}
