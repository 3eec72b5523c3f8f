/** The routes about what becomes of alerts, and what they answer. */
import type { HostIdentity, JsonObject } from '@vitrine/schema';
import type { EventItem, ForeignItem, Page } from '@vitrine/schema/api';
import type { Dialect } from '@vitrine/schema/normalise';
import type { EventQuery } from './queries.ts';

export interface TriageItem {
  state: string;
  assignee: string | null;
  verdict: string | null;
  /** What the next act gives as `expect`. */
  seq: number;
  acts: number;
}

export interface AlertItem extends EventItem {
  triage: TriageItem;
  /** The host's page in the console of its EDR. */
  edr_link: string | null;
}

export interface ActItem {
  log: string;
  index: number;
  leaf: string;
  seq: number;
  t: string;
  by: JsonObject | null;
  state: string;
  assignee: string | null;
  verdict: string | null;
  has_comment: boolean;
  comment: string | null;
  gone?: { by: string; index?: number; reason?: string };
}

export interface AlertAnswer extends AlertItem {
  history: ActItem[];
}

/** What is asked to be done with an alert. */
export interface ActRequest {
  state?: string;
  verdict?: string;
  assignee?: string | null;
  comment?: string;
  expect?: number;
}

/** `queued`: durable, and not yet in the published log. */
export type ActAnswer = (ActItem & { alert: string; queued?: never }) | QueuedAct;

interface QueuedAct {
  alert: string;
  queued: true;
}

export interface IncidentItem {
  session: string;
  state: string;
  severity: string;
  alerts: number;
  open: number;
  first_t: string;
  last_t: string;
  rules: string[];
  titles: string[];
  assignees: string[];
  risks: string[];
  techniques: string[];
  host: HostIdentity | null;
  edr_link: string | null;
}

export interface StoryStep {
  role: string;
  t: string;
  says: string;
  log: string;
  index: number;
  leaf: string;
  vantage: string;
  link: string;
  alert?: {
    id: string;
    rule: string;
    title: string;
    severity: string;
    todo: string;
    triage: TriageItem;
    evidence: { log: string; index: number; leaf: string }[];
  };
}

export interface StoryAnswer extends IncidentItem {
  steps: StoryStep[];
  more: boolean;
}

export interface IncidentQuery {
  state?: string;
  severity?: string;
  limit?: number;
  after?: number;
}

type Asking = { query?: Record<string, string | number | undefined>; body?: unknown };
type Ask = <T>(method: string, path: string, asking?: Asking) => Promise<T>;

export class AlertDesk {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  alerts(query: EventQuery): Promise<Page<AlertItem>> {
    return this.#ask('GET', '/v1/alerts', { query: { ...query } });
  }

  /** The same rows in a dialect of another tool. */
  alertsAs(format: Dialect, query: EventQuery): Promise<Page<ForeignItem>> {
    return this.#ask('GET', '/v1/alerts', { query: { ...query, format } });
  }

  /** `name` is an alert's id or its leaf index. */
  alert(name: string): Promise<AlertAnswer> {
    return this.#ask('GET', alertPath(name));
  }

  act(name: string, body: ActRequest): Promise<ActAnswer> {
    return this.#ask('POST', `${alertPath(name)}/state`, { body });
  }

  incidents(query: IncidentQuery): Promise<Page<IncidentItem>> {
    return this.#ask('GET', '/v1/incidents', { query: { ...query } });
  }

  incident(session: string): Promise<StoryAnswer> {
    return this.#ask('GET', `/v1/incidents/${encodeURIComponent(session)}`);
  }
}

function alertPath(name: string): string {
  return `/v1/alerts/${encodeURIComponent(name)}`;
}
