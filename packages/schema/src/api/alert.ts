/** Alerts, where each stands, and what people do with them. */
import type { AlertStanding, AlertState, AlertVerdict } from '../alert-state.ts';
import type { JsonObject } from '../json.ts';
import type { EventItem, EventPage, GonePart } from './event.ts';

/** Who did something: a token, its role, and its note where it has one. */
export type Actor = JsonObject & { token: string; role: string; name?: string };

/** Where an alert stands, and which record says so; `index` is null where nobody has acted. */
export interface TriageItem extends AlertStanding {
  /** What the next act gives as `expect`. */
  seq: number;
  acts: number;
  index: number | null;
  t: string | null;
  by: Actor | null;
}

export interface AlertItem extends EventItem {
  triage: TriageItem;
  /** Its page in the dashboard. */
  link: string;
  /** The host's page in the console of its EDR. */
  edr_link: string | null;
}

export type AlertPage = EventPage<AlertItem>;

/** One thing that was done with an alert, and the record that says so. */
export interface ActItem extends AlertStanding {
  log: string;
  index: number;
  leaf: string;
  /** Place in `log/alert`. */
  seq: number;
  t: string;
  by: Actor | null;
  /** `seq` of the record it followed. */
  after: number | null;
  has_comment: boolean;
  /** `null` where there is none, or where the reader may not see it. */
  comment: string | null;
  /** Why the log has the comment no more. */
  gone?: GonePart;
}

interface AlertHistory {
  /** Oldest first. */
  history: ActItem[];
  size: number;
}

/** `/v1/alerts/:alert`. */
export interface AlertAnswer extends AlertItem, AlertHistory {}

/** The same in a dialect of another tool, whose members stand beside these. */
export type ForeignAlertAnswer = AlertHistory;

/** What is asked to be done with an alert. */
export interface ActRequest {
  state?: AlertState;
  verdict?: AlertVerdict;
  /** `null`: nobody any more. */
  assignee?: string | null;
  comment?: string;
  /** Place in `log/alert` of the last record the asker has seen of this alert. */
  expect?: number;
}

/** What was done, as the log has it. */
export interface ActDone extends ActItem {
  /** Id of the alert. */
  alert: string;
  queued?: never;
}

/** Durable, and not yet in the published log. */
export interface ActQueued {
  alert: string;
  queued: true;
}

/** `POST /v1/alerts/:alert/state`. */
export type ActAnswer = ActDone | ActQueued;
