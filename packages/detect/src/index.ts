export type { AlertDraft } from './alert.ts';
export { Engine } from './engine.ts';
export { RuleError } from './error.ts';
export type { DetectInput, Evidence } from './input.ts';
export { type LintFinding, lintRules } from './lint.ts';
export {
  type LoadedRules,
  loadRules,
  type RefusedRule,
  type Rule,
  type RuleFile,
} from './load.ts';
export type { Level } from './metadata.ts';
export { SHIPPED_RULES, shippedRules } from './shipped.ts';
export { parseStream } from './stream.ts';
