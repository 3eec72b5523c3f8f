/** The log itself: its newest checkpoint and its key. */
import type { Route } from '../context.ts';
import { ApiError } from '../errors.ts';

export const logRoutes: Route[] = [
  {
    method: 'GET',
    path: '/log/:log/checkpoint',
    summary: 'The newest signed checkpoint (C2SP tlog-checkpoint).',
    handle(context) {
      context.may('log.read');
      const note = context.system.published();
      if (context.params.log !== context.system.identity.log || note === null) {
        throw new ApiError('NOT_FOUND', `there is no checkpoint of ${context.params.log}`);
      }
      context.send(200, 'text/plain; charset=utf-8', note.note, { 'cache-control': 'no-cache' });
    },
  },
  {
    method: 'GET',
    path: '/v1/trust',
    summary: 'The trust file of this log (C2SP tlog-policy).',
    handle(context) {
      context.may('log.read');
      context.send(200, 'text/plain; charset=utf-8', context.system.identity.trust);
    },
  },
];
