/** Alerts: records of `log/alert`. */
import type { Route } from '../context.ts';
import { eventFilter, pageOf } from '../filter.ts';

export const alertRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/alerts',
    summary: 'Alerts by leaf index; session=, severity= (a list) and rule= narrow them; format=.',
    async handle(context) {
      context.may('alert.read');
      const { store, log, size } = context.asked;
      const subject = context.query('session');
      const severity = context.query('severity');
      const rule = context.query('rule');
      const filter = {
        ...eventFilter(context, { log, size }, undefined),
        session: 'log',
        kinds: ['alert'],
        ...(subject === undefined ? {} : { subject }),
        ...(severity === undefined ? {} : { severities: severity.split(',') }),
        ...(rule === undefined ? {} : { rule }),
      };
      const rows = await store.events(filter);
      context.page(pageOf(rows, filter, await context.itemsOf(rows)), size);
    },
  },
];
