/** What the page says of rules, and which of them a choice leaves. */
import type { RuleItem, RuleState, RulesAnswer } from '@vitrine/schema/api';
import { SEVERITIES, severityOf } from '../../lib/severity.ts';

export const RISKS = ['user misuse', 'model misbehaviour', 'external attacker'] as const;

export interface RuleFilter {
  severity: string[];
  state: RuleState[];
  risk: string[];
  q: string;
}

/** The gravest first, then by id. */
export function narrowed(items: readonly RuleItem[], filter: RuleFilter): RuleItem[] {
  const { severity, state, risk, q } = filter;
  const words = q
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return items
    .filter((rule) => severity.length === 0 || severity.includes(severityOf(rule.severity)))
    .filter((rule) => state.length === 0 || state.includes(rule.state))
    .filter((rule) => risk.length === 0 || rule.risk.some((name) => risk.includes(riskWords(name))))
    .filter((rule) => {
      const text = searched(rule);
      return words.every((word) => text.includes(word));
    })
    .toSorted((a, b) => rankOf(a) - rankOf(b) || (a.id < b.id ? -1 : 1));
}

/** Everything of a rule that a list or its panel shows, but its file. */
function searched({ id, title, description, kinds, tags, technique_v18, needs }: RuleItem): string {
  const lists = [kinds ?? [], tags, technique_v18, needs.flat()];
  return [id, title, description ?? '', ...lists.flat()].join(' ').toLowerCase();
}

function rankOf({ severity }: RuleItem): number {
  return SEVERITIES.indexOf(severityOf(severity));
}

/** `external_attacker` as `external attacker`. */
export function riskWords(name: string): string {
  return name.replaceAll('_', ' ');
}

/** `strace or gvisor; claude-code` */
export function groupWords(groups: readonly (readonly string[])[]): string {
  return groups.map((names) => names.join(' or ')).join('; ');
}

/** `egress.request, file.*` */
export function kindWords(kinds: readonly string[] | null): string {
  if (kinds === null) return 'all kinds';
  return kinds.map((kind) => (kind.endsWith('.') ? `${kind}*` : kind)).join(', ');
}

/** How detection does, in one sentence. */
export function detectionWords(answer: RulesAnswer): string {
  const { state, lag_rows: rows, lag_seconds: seconds, last_error: error } = answer;
  const records = `${rows.toLocaleString('en-US')} ${rows === 1 ? 'record' : 'records'}`;
  const behind =
    rows === 0
      ? 'It has read everything that is sealed.'
      : `It is ${records} and ${seconds.toFixed(1)} s behind.`;
  if (state === 'running') return behind;
  const why = error === null ? '' : ` (${error})`;
  const word = state === 'failing' ? 'It keeps dying and reads nothing' : 'It is starting again';
  return `${word}${why}. ${behind}`;
}
