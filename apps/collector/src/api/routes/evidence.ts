/** Bundles: what an auditor takes away. Each export is a record in the log. */
import { may } from '../../access/may.ts';
import type { Context, Route } from '../context.ts';
import { ApiError } from '../errors.ts';
import { Prover } from '../evidence.ts';
import { leafOf } from './events.ts';

export const evidenceRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/sessions/:session/bundle',
    summary: 'The evidence of one session, to verify offline; parts=0 leaves content out.',
    async handle(context) {
      const session = context.params.session!;
      const principal = context.may('evidence.export', session);
      const { tenant } = context.system.config;
      const asked = context.query('parts') !== '0';
      const withParts = asked && may(principal, 'part.read', { tenant });
      const bundle = await proverOf(context).session(session, withParts);
      await context.record('evidence.export', session, { with_parts: withParts });
      sendBundle(context, session, bundle);
    },
  },
  {
    method: 'GET',
    path: '/v1/events/:log/:index/bundle',
    summary: 'The evidence of one leaf, to verify offline.',
    async handle(context) {
      const { log, index } = context.params;
      context.may('evidence.export', `${log}/${index}`);
      const row = await leafOf(context);
      const bundle = await proverOf(context).event(row);
      await context.record('evidence.export', `${log}/${index}`);
      sendBundle(context, `${log}-${index}`, bundle);
    },
  },
];

function proverOf(context: Context): Prover {
  const { store, identity, evidence } = context.system;
  const tree = evidence();
  if (tree === null) throw new ApiError('NOT_READY', 'the log has no seal with heads yet');
  return new Prover(store, identity.log, tree);
}

function sendBundle(context: Context, name: string, bundle: Buffer): void {
  const file = `${name.replace(/[^A-Za-z0-9._-]/g, '_')}.vitrine.json`;
  context.send(200, 'application/json', bundle, {
    'content-disposition': `attachment; filename="${file}"`,
  });
}
