/** Whether the process lives and whether it can take input: the only routes without a token. */
import type { LiveAnswer, ReadyAnswer } from '@vitrine/schema/api';
import type { Route } from '../context.ts';

export const healthRoutes: Route[] = [
  {
    method: 'GET',
    path: '/healthz',
    open: true,
    summary: 'The process answers.',
    handle: (context) => context.json<LiveAnswer>({ status: 'ok' }),
  },
  {
    method: 'GET',
    path: '/readyz',
    open: true,
    summary: 'The store answers.',
    async handle(context) {
      const ready = await context.system.store.ping();
      context.json<ReadyAnswer>({ status: ready ? 'ready' : 'starting' }, ready ? 200 : 503);
    },
  },
];
