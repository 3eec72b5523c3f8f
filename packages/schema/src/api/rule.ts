/** Detection rules: what a file says, how it fares, and how the set that runs is changed. */
import type { Vantage } from '../event.ts';
import type { Severity } from '../normalise/severity.ts';

/** What a rule's file says; its text is in `RuleText`. */
export interface RuleListing {
  id: string;
  file: string;
  title: string;
  /** Sigma's `level`, by the name that alerts have for it. */
  severity: Severity;
  /** Sigma's: how far its author trusts it. */
  status: 'stable' | 'test' | 'experimental' | 'deprecated' | 'unsupported';
  description: string | null;
  /** Kinds of event it looks at; a dot at the end stands for all below; null for all. */
  kinds: string[] | null;
  /** The least independent observer whose word it takes; null for anyone's. */
  vantage: Vantage | null;
  tags: string[];
  /** The techniques' ids before ATT&CK v19, for tools that know no other. */
  technique_v18: string[];
  /** Classes of risk: `user_misuse`. */
  risk: string[];
  /** The sentence of its alerts; `{field}` stands for a member of the record. */
  what: string;
  todo: string;
  falsepositives: string[];
  /** Names of sources: one of each group has to be connected. */
  needs: string[][];
}

/** `dormant`: no connected source fills its fields. */
export type RuleState = 'active' | 'dormant';

/** How often a rule has fired. */
export interface RuleCount {
  alerts: number;
  /** Of the last day, to ten minutes. */
  alerts_24h: number;
  /** Unix nanoseconds, decimal text. */
  last_fired: string | null;
}

/** A rule that runs. */
export interface RuleItem extends RuleListing, RuleCount {
  state: RuleState;
  /** The groups of `needs` of which no source is connected. */
  missing: string[][];
}

/** `/v1/rules/:id`: one rule, with the text of its file. */
export interface RuleText extends RuleItem {
  text: string;
}

/** A file that is not used. */
export interface RefusedRule {
  file: string;
  code: string;
  reason: string;
  /** What to do about it; empty where there is nothing to say. */
  hint: string;
}

/** How the thread of detection does. */
export interface DetectionHealth {
  /** `failing`: it has died again and again and read nothing in between. */
  state: 'running' | 'restarting' | 'failing';
  /** Since the collector's start. */
  deaths: number;
  last_error: string | null;
}

/** Leaves that a rule could not be tried on: a fault of ours, which costs that leaf alone. */
export interface FailedRows {
  count: number;
  last: { index: number; reason: string } | null;
}

/** What detection has taken, and how far it has come. */
export interface DetectionReading extends DetectionHealth {
  /** Of the set that runs: hexadecimal SHA-256; null before there is one. */
  hash: string | null;
  refused: RefusedRule[];
  /** Leaves that detection has read. */
  position: number;
  lag_rows: number;
  /** Since the oldest leaf it has not read could be read. */
  lag_seconds: number;
  /** Records that rules about two of them forgot too early, to keep their bounds, by rule. */
  evicted: Record<string, number>;
  failed: FailedRows;
}

/** `/v1/rules`. */
export interface RulesAnswer extends DetectionReading {
  items: RuleItem[];
}

/** `/v1/rules/reload`: what the set that runs now has other than the one before; ids of rules. */
export interface RuleChange {
  hash: string;
  /** The set before; null where none is known. */
  was: string | null;
  count: number;
  added: string[];
  removed: string[];
  changed: string[];
}
