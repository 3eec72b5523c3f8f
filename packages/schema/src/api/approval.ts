/**
 * Decisions on what agents asked to do: sums of all, and what was decided by whom, how fast, and
 * what followed. Times are by the makers' clocks.
 */
import type { Vantage } from '../event.ts';
import type { AtSize } from './page.ts';
import type { Looked, Names } from './view.ts';

export interface Approvals {
  requests: number;
  decisions: number;
  /** Of the decisions. */
  first_t: string | null;
  last_t: string | null;
  /** With the most decisions. */
  busiest_minute: { t: string; decisions: number } | null;
  /** The most frequent first. */
  groups: ApprovalGroup[];
}

export interface ApprovalGroup {
  /** `decision.value` and `decision.source`; empty where the maker said nothing. */
  value: string;
  source: string;
  decisions: number;
  /** Of the decisions with a known time; `null` where there is none. */
  waited_ms: { known: number; min: number; p50: number; p95: number } | null;
}

export interface ApprovalViews {
  users: UserApprovals[];
  users_of: number;
  runs: RubberStampRun[];
  runs_of: number;
  incidents: ApprovedIncident[];
  incidents_of: number;
  /** The newest are looked at. */
  looked: Looked;
}

/** Figures of decisions. A person decided where `decision.source` begins with `user`. */
export interface ApprovalFigures {
  decisions: number;
  human: number;
  /** By rules, hooks, a mode: nobody was asked. */
  automatic: number;
  /** Nobody said who decided. */
  unsaid: number;
  /** Of those by a person. */
  accepted: number;
  refused: number;
  /** `accepted` of both; `null` where a person decided nothing. */
  ratio: number | null;
  /** Decisions by a person, in each hour that has one; `null` where there is none. */
  per_hour: number | null;
  /** Of decisions by a person with a known time; `fast`: how many took under 1.5 s. */
  waited_ms: { known: number; p50: number; p95: number; fast: number } | null;
  first_t: string;
  last_t: string;
  /** Who told of them. */
  vantages: Partial<Record<Vantage, number>>;
}

export interface ToolApprovals extends ApprovalFigures {
  tool: string;
}

export interface UserApprovals extends ApprovalFigures {
  /** Empty where nobody said. */
  user: string;
  /** `host`: by the runtime, in `open`; `agent`: by the record of the decision. */
  named_by: 'host' | 'agent' | null;
  sessions: number;
  tools: ToolApprovals[];
  tools_of: number;
}

export interface ApprovalPlace {
  session: string;
  index: number;
  t: string;
  tool: string;
}

/** Accepts by one person, each under 1.5 s, ten or more of them in any two minutes of it. */
export interface RubberStampRun {
  user: string;
  accepts: number;
  first: ApprovalPlace;
  last: ApprovalPlace;
  /** Median of the times until the decision. */
  p50_ms: number;
  tools: Names;
}

/** An alert of high or critical within ten minutes after an approval in its session. */
export interface ApprovedIncident {
  alert: {
    index: number;
    t: string;
    rule: string;
    title: string;
    severity: 'high' | 'critical';
  };
  /** The last accept before it. */
  approval: ApprovalPlace & { user: string };
  /** Accepts in the ten minutes. */
  accepts: number;
  after_ms: number;
}

/** `/v1/stats/approvals`. */
export type ApprovalsAnswer = Approvals & ApprovalViews & AtSize;
