/**
 * What the collector's API answers, as `docs/reference/api.md` lists it. 64-bit times are texts of
 * nanoseconds since 1970; hashes are base64.
 */
import type { AlertState, HostIdentity, JsonObject } from '@vitrine/schema';
import type { EventItem, GonePart, Page } from '@vitrine/schema/api';

/** Where an alert stands, and which record says so. */
export interface Triage {
  state: AlertState;
  assignee: string | null;
  verdict: string | null;
  /** What the next act gives as `expect`. */
  seq: number;
  acts: number;
}

export type { AlertState };

export interface AlertItem extends EventItem {
  triage: Triage;
  /** The host's page in the console of its EDR. */
  edr_link: string | null;
}

/** One thing that was done with an alert, and the record that says so. */
export interface ActItem {
  log: string;
  index: number;
  seq: number;
  t: string;
  by: JsonObject | null;
  state: AlertState;
  assignee: string | null;
  verdict: string | null;
  has_comment: boolean;
  /** `null` where there is none, or where the reader may not see it. */
  comment: string | null;
  gone?: GonePart;
}

/** `/v1/alerts/:alert`. */
export interface AlertAnswer extends AlertItem {
  history: ActItem[];
  size: number;
}

/** The alerts about one session. */
export interface IncidentItem {
  session: string;
  state: AlertState;
  severity: string;
  alerts: number;
  open: number;
  first_t: string;
  last_t: string;
  rules: string[];
  /** What the rules are called. */
  titles: string[];
  assignees: string[];
  risks: string[];
  techniques: string[];
  host: HostIdentity | null;
  edr_link: string | null;
}

export interface StoryStep {
  role: 'open' | 'prompt' | 'tool' | 'alert' | 'egress' | 'close';
  t: string;
  says: string;
  log: string;
  index: number;
  leaf: string;
  kind: string;
  vantage: string;
  alert?: StoryAlert;
}

export interface StoryAlert {
  id: string;
  rule: string;
  title: string;
  severity: string;
  todo: string;
  triage: Triage;
  evidence: {
    log: string;
    index: number;
    leaf: string;
    row: { kind: string; t: string; title: string; vantage: string } | null;
  }[];
}

/** `/v1/incidents/:session`. */
export interface StoryAnswer extends IncidentItem {
  steps: StoryStep[];
  /** There are more alerts than are told of. */
  more: boolean;
  size: number;
}

export type AlertPage = Page<AlertItem>;
export type IncidentPage = Page<IncidentItem>;
