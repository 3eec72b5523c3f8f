/**
 * What the collector's API answers, as `docs/reference/api.md` lists it. 64-bit times are texts of
 * nanoseconds since 1970; hashes are base64.
 */
import type { AlertState, JsonObject, Vantage } from '@vitrine/schema';

export interface HostIdentity {
  name?: string;
  id?: string;
  ip?: string;
  os?: string;
  process?: { pid?: number; start?: string; exe?: string };
  edr?: EdrIdentity;
}

export interface EdrIdentity {
  vendor: string;
  device_id: string;
}

export interface SessionItem {
  session: string;
  state: 'open' | 'closed';
  opened: string;
  closed: string | null;
  /** Why it was closed. */
  reason: string | null;
  host: HostIdentity | null;
  /** The process on the host that runs the sandbox. */
  pid: number | null;
  edr: EdrIdentity | null;
  /** The host's page in the console of its EDR. */
  edr_link: string | null;
  user: string | null;
  runtime: string | null;
  events: number;
  alerts: number;
  first_t: string;
  last_t: string;
  /** From the least to the most independent of the agent. */
  vantages: Vantage[];
  chains: number;
}

export interface EventItem {
  log: string;
  index: number;
  leaf: string;
  session: string;
  shim: string;
  /** Place in its chain; a seal has none. */
  seq: number | null;
  kind: string;
  t: string;
  observed: string;
  vantage: string;
  via: string;
  sandbox: string;
  peer: string;
  severity: number;
  title: string;
  agent: string;
  /** The parsed canonical JSON: canonicalised again it is the exact bytes under `leaf`. */
  record: JsonObject;
}

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

/** One event with the names and sizes of its parts: `/v1/events/:log/:index`. */
export interface EventDetail extends EventItem {
  parts: { name: string; bytes: number }[];
  gone: GonePart[];
}

/** A part that the record commits to and nobody can read any more. */
export interface GonePart {
  name: string;
  by: 'redact' | 'expire' | 'unknown';
  /** Leaf of the record that says so. */
  index?: number;
  reason?: string;
  t?: string;
}

/** A page of a list; `cursor` continues it, `size` is the published size of the log. */
export interface Page<Item, Cursor = number> {
  items: Item[];
  cursor: Cursor | null;
  size: number;
}

export type SessionPage = Page<SessionItem, string>;
export type EventPage = Page<EventItem>;
export type AlertPage = Page<AlertItem>;
export type IncidentPage = Page<IncidentItem>;
