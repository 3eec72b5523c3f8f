/** The rules in use, and those that are not, with the reason. */
import type { Route } from '../context.ts';

export const ruleRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/rules',
    summary: 'Rules in use, files that were refused and why, and how far detection has read.',
    handle(context) {
      context.may('rule.read');
      const { rules, refused, ...reading } = context.system.detection();
      const items = rules.map((rule) => ({ ...rule, state: 'active' }));
      context.json({ items, refused, ...reading });
    },
  },
];
