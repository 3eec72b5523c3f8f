/** What a rule's author should know before it runs: what is refused, and what is only poor. */
import { loadRules } from './load.ts';
import type { Rule, RuleFile } from './rule.ts';

export interface LintFinding {
  file: string;
  level: 'error' | 'warning';
  code: string;
  message: string;
  /** What to do about it; empty where the message says it. */
  hint: string;
}

/**
 * Errors are files that would be refused; warnings are rules that would run. In file order.
 * `beside`: files that will be there as well, for filters to name; one of the same id gives way.
 */
export function lintRules(files: RuleFile[], beside: RuleFile[] = []): LintFinding[] {
  const ids = new Set(files.map(({ name }) => idOf(name)));
  const others = beside.filter(({ name }) => !ids.has(idOf(name)));
  const findings = findingsOf([...files, ...others]);
  const order = new Map(files.map(({ name }, i) => [name, i]));
  return findings
    .filter(({ file }) => order.has(file))
    .sort((a, b) => order.get(a.file)! - order.get(b.file)!);
}

function idOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).replace(/\.ya?ml$/, '');
}

function findingsOf(files: RuleFile[]): LintFinding[] {
  const { rules, refused, filters } = loadRules(files);
  const findings = refused.map(({ file, code, reason, hint }): LintFinding => {
    return { file, level: 'error', code, message: reason, hint };
  });
  for (const rule of rules) {
    for (const [code, message] of weaknesses(rule)) {
      findings.push({ file: rule.file, level: 'warning', code, message, hint: '' });
    }
  }
  for (const { file, narrows } of filters) {
    if (!narrows) continue;
    const message = 'the filter lets through only what its condition names';
    const hint = 'say `not selection` to leave it out instead';
    findings.push({ file, level: 'warning', code: 'FILTER_NARROWS', message, hint });
  }
  return findings;
}

function weaknesses(rule: Rule): [code: string, message: string][] {
  const { lint, tags } = rule;
  const { extension } = lint;
  const found: [boolean, string, string][] = [
    [rule.uuid === undefined, 'NO_ID', 'id is missing: other tools cannot refer to the rule'],
    [!lint.hasLevel, 'NO_LEVEL', 'level is missing: medium is taken'],
    [rule.description === undefined, 'NO_DESCRIPTION', 'description is missing'],
    [rule.falsepositives.length === 0, 'NO_FALSE_POSITIVES', 'falsepositives is missing'],
    [rule.fields.length === 0, 'NO_FIELDS', 'fields is missing: alerts show the kind only'],
    [extension.what === undefined, 'NO_WHAT', 'x-vitrine.what is missing: the title is repeated'],
    [
      extension.todo === undefined,
      'NO_TODO',
      'x-vitrine.todo is missing: readers are on their own',
    ],
    [extension.risk.length === 0, 'NO_RISK', 'x-vitrine.risk is missing'],
    [
      !tags.some((tag) => tag.startsWith('attack.')),
      'NO_ATTACK',
      'no tag names an ATT&CK technique',
    ],
    [
      extension.techniqueV18.length === 0,
      'NO_TECHNIQUE_V18',
      'x-vitrine.technique_v18 is missing: many tools know no later ATT&CK than v18',
    ],
    [!/^[A-Z]+-\d{3}(?:\.|$)/.test(rule.id), 'FILE_NAME', 'the file name is not like ABC-123.yml'],
    ...lint.unused.map((name): [boolean, string, string] => {
      return [true, 'UNUSED_SELECTION', `no condition uses ${name}`];
    }),
  ];
  return found.filter(([is]) => is).map(([, code, message]) => [code, message]);
}
