export type { AlertDraft } from './alert.ts';
export { Engine, type RuleChanges } from './engine.ts';
export { DetectError } from './error.ts';
export {
  judgeEvent,
  type LineVerdict,
  outlineRule,
  type PartVerdict,
  type RuleLine,
  type RuleOutline,
  type RulePart,
} from './explain.ts';
export type { DetectInput, Evidence } from './input.ts';
export { type LintFinding, lintRules } from './lint.ts';
export { type AppliedFilter, type LoadedRules, loadRules } from './load.ts';
export type { Level } from './metadata.ts';
export type { Rule, RuleFile } from './rule.ts';
export { SHIPPED_RULES, shippedRules } from './shipped.ts';
export type { Resumed } from './snapshot.ts';
export { parseStream } from './stream.ts';
