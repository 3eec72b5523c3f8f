/** The rules in use, and those that are not, with the reason; and how the set is changed. */
import { SOURCE_SESSIONS_MAX } from '@vitrine/schema';
import type { RuleChange, RuleItem, RulesAnswer, RuleText } from '@vitrine/schema/api';
import { missingSources } from '../../health/dormant.ts';
import { judgedSources, openSessionsAfter } from '../../health/sight.ts';
import type { Context, Route } from '../context.ts';
import { ApiError } from '../errors.ts';

export const ruleRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/rules',
    summary:
      'Rules in use, or dormant for want of a source, with their alerts; refused files; lag.',
    async handle(context) {
      context.may('rule.read');
      const { rules: _, ...reading } = context.system.detection();
      context.json<RulesAnswer>({ items: await itemsOf(context), ...reading });
    },
  },
  {
    method: 'GET',
    path: '/v1/rules/:id',
    summary: 'One rule in use, with the text of its file.',
    async handle(context) {
      const id = context.params.id!;
      context.may('rule.read', id);
      const text = context.system.rules.ruleText(id);
      const item = (await itemsOf(context)).find((rule) => rule.id === id);
      if (item === undefined || text === undefined) {
        throw new ApiError('NOT_FOUND', `no rule ${id} is in use`, '/v1/rules lists them');
      }
      context.json<RuleText>({ ...item, text });
    },
  },
  {
    method: 'POST',
    path: '/v1/rules/reload',
    summary: 'Take the rule files as they are now, all or none; the log says what changed.',
    async handle(context) {
      const { id, role } = context.may('rule.manage');
      await context.record('rule.manage', 'reload');
      const change = await context.system.rules.reload({ token: id, role });
      context.json<RuleChange>(change);
    },
  },
];

async function itemsOf(context: Context): Promise<RuleItem[]> {
  const { system, asked } = context;
  const { rules } = system.detection();
  const found = openSessionsAfter(system, undefined, SOURCE_SESSIONS_MAX + 1);
  const [judged, counts] = await Promise.all([
    judgedSources(system, asked.size, found),
    system.ruleCounts.upTo(asked.size, system.clock.nowNs()),
  ]);
  // In the sessions that were not looked at there may be what a rule needs.
  const whole = found.length <= SOURCE_SESSIONS_MAX;
  return rules.map((rule) => {
    const missing = whole ? missingSources(rule.needs, judged) : [];
    const state = missing.length > 0 ? 'dormant' : 'active';
    return { ...rule, state, missing, ...counts(rule.id) };
  });
}
