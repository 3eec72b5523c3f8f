/** What the collector's API answers about detection rules. */

export type RuleState = 'active' | 'dormant';

export interface RuleItem {
  id: string;
  file: string;
  title: string;
  severity: string;
  /** Sigma's: how far its author trusts it. */
  status: string | null;
  description: string | null;
  /** Kinds of event it looks at; a dot at the end stands for all below; null for all. */
  kinds: string[] | null;
  /** The least independent observer whose word it takes. */
  vantage: string | null;
  tags: string[];
  technique_v18: string[];
  risk: string[];
  /** The sentence of its alerts; `{field}` stands for a member of the record. */
  what: string;
  todo: string;
  falsepositives: string[];
  /** Names of sources: one of each group has to be connected. */
  needs: string[][];
  state: RuleState;
  /** The groups of `needs` of which none is. */
  missing: string[][];
  alerts: number;
  alerts_24h: number;
  last_fired: string | null;
}

export type RuleText = RuleItem & { text: string };

export interface RulesAnswer {
  items: RuleItem[];
  refused: { file: string; code: string; reason: string }[];
  /** Of the set that runs. */
  hash: string | null;
  /** Of the thread of detection. */
  state: 'running' | 'restarting' | 'failing';
  last_error: string | null;
  lag_rows: number;
  lag_seconds: number;
}
