/** The rules in use, and those that are not, with the reason. */
import { SOURCE_SESSIONS_MAX } from '@vitrine/schema';
import { missingSources } from '../../health/dormant.ts';
import { judgedSources, openSessionsAfter } from '../../health/sight.ts';
import type { Route } from '../context.ts';

export const ruleRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/rules',
    summary:
      'Rules in use, or dormant for want of a source; refused files; how far detection has read.',
    async handle(context) {
      context.may('rule.read');
      const { rules, refused, ...reading } = context.system.detection();
      const found = openSessionsAfter(context.system, undefined, SOURCE_SESSIONS_MAX + 1);
      const judged = await judgedSources(context.system, context.asked.size, found);
      // In the sessions that were not looked at there may be what a rule needs.
      const whole = found.length <= SOURCE_SESSIONS_MAX;
      const items = rules.map(({ needs, ...rule }) => {
        const missing = whole ? missingSources(needs, judged) : [];
        return { ...rule, state: missing.length > 0 ? 'dormant' : 'active', missing };
      });
      context.json({ items, refused, ...reading });
    },
  },
];
