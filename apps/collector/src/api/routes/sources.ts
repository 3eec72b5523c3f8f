/** Who should be heard from each sandbox, who is, and what that lets one see. */
import { SOURCE_SESSIONS_MAX } from '@vitrine/schema';
import type { CoverageAnswer, SourcesAnswer, SourcesPage } from '@vitrine/schema/api';
import { coverageOf } from '../../health/coverage.ts';
import {
  judgedSources,
  openSessionsAfter,
  type SightedSession,
  sessionNamed,
  sourcesItem,
} from '../../health/sight.ts';
import type { Context, Route } from '../context.ts';
import { ApiError } from '../errors.ts';

export const sourceRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/sources',
    summary: 'Sources of open sessions: expected, heard, last seen, version, losses; by name.',
    async handle(context) {
      context.may('sandbox.read');
      const { size } = context.asked;
      const limit = context.integer('limit', 1, SOURCE_SESSIONS_MAX) ?? SOURCE_SESSIONS_MAX;
      const found = openSessionsAfter(context.system, context.query('cursor'), limit + 1);
      const page = found.slice(0, limit);
      const judged = await judgedSources(context.system, size, page);
      const items = page.map((session, i) => sourcesItem(session, judged[i]!));
      const cursor = found.length > limit ? page.at(-1)!.session : null;
      context.json<SourcesPage>({ items, cursor, size });
    },
  },
  {
    method: 'GET',
    path: '/v1/sessions/:session/sources',
    summary: 'Sources of one session, the worst first.',
    async handle(context) {
      context.may('sandbox.read', context.params.session);
      const { size } = context.asked;
      const session = await named(context, size, context.params.session!);
      const [judged] = await judgedSources(context.system, size, [session]);
      context.json<SourcesAnswer>({ ...sourcesItem(session, judged!), size });
    },
  },
  {
    method: 'GET',
    path: '/v1/coverage',
    summary: 'Three risks by three components: what connected sources let one see; session=.',
    async handle(context) {
      const name = context.query('session');
      context.may('sandbox.read', name);
      const { size } = context.asked;
      const found =
        name === undefined
          ? openSessionsAfter(context.system, undefined, SOURCE_SESSIONS_MAX + 1)
          : [await named(context, size, name)];
      const judged = await judgedSources(context.system, size, found);
      const whole = found.length <= SOURCE_SESSIONS_MAX;
      const cells = coverageOf(judged);
      context.json<CoverageAnswer>({ sessions: judged.length, whole, cells, size });
    },
  },
];

async function named(context: Context, size: number, name: string): Promise<SightedSession> {
  const found = await sessionNamed(context.system, size, name);
  if (found === undefined) throw new ApiError('NOT_FOUND', `there is no session ${name}`);
  return found;
}
