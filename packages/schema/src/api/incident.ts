/** Incidents: the alerts about one session taken together, and told as a story. */
import type { AlertState } from '../alert-state.ts';
import type { HostIdentity } from '../event.ts';
import type { Severity } from '../normalise/severity.ts';
import type { TriageItem } from './alert.ts';
import type { EventItem } from './event.ts';
import type { Page } from './page.ts';

/** What the records of the alerts about one session say. */
export interface Incident {
  session: string;
  /** Open while one of its alerts is, and closed when all are. */
  state: AlertState;
  /** Of its gravest alert. */
  severity: Severity;
  alerts: number;
  /** Of them, by state. */
  open: number;
  acknowledged: number;
  closed: number;
  /** Of the alerts' own records. */
  first_t: string;
  last_t: string;
  /** Leaf index of the newest alert. */
  last: number;
  rules: string[];
  /** What their rules are called. */
  titles: string[];
  tags: string[];
  assignees: string[];
}

export interface IncidentItem extends Incident {
  /** Classes of risk, of `tags`: `user_misuse`. */
  risks: string[];
  /** As the catalogues spell them, of `tags`: `T1567.002`, `AML.T0086`. */
  techniques: string[];
  host: HostIdentity | null;
  /** The host's page in the console of its EDR. */
  edr_link: string | null;
}

export type IncidentPage = Page<IncidentItem>;

/** One step of a story: a record, and a sentence about it. */
export interface StoryStep extends Pick<EventItem, 'log' | 'index' | 'leaf' | 'kind' | 'vantage'> {
  role: 'open' | 'prompt' | 'tool' | 'alert' | 'egress' | 'close';
  /** Of an alert: when the record that fired it happened. */
  t: string;
  says: string;
  /** The record's page in the dashboard. */
  link: string;
  alert?: StoryAlert;
}

export interface StoryAlert {
  id: string;
  rule: string;
  title: string;
  severity: Severity;
  todo: string;
  triage: TriageItem;
  evidence: StoryEvidence[];
}

export interface StoryEvidence {
  log: string;
  index: number;
  /** The leaf hash that the alert names. */
  leaf: string;
  /** Of the row as it stands in the log; `null` where there is none. */
  row: Pick<EventItem, 'kind' | 't' | 'title' | 'vantage'> | null;
  link: string;
}

/** What is told of an incident; each step is a record. */
export interface Story {
  steps: StoryStep[];
  /** There are more alerts than are told of. */
  more: boolean;
}

/** `/v1/incidents/:session`. */
export interface StoryAnswer extends IncidentItem, Story {
  log: string;
  size: number;
}
