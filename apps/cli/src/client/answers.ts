/** What the API answers and is asked, as far as the commands read it. */
import type { HostIdentity, JsonObject } from '@vitrine/schema';
import type { FsckProgress, FsckReport } from '@vitrine/store';

export interface EventItem {
  log: string;
  index: number;
  leaf: string;
  session: string;
  shim: string;
  seq: number | null;
  kind: string;
  t: string;
  observed: string;
  vantage: string;
  severity: number;
  title: string;
  record: JsonObject;
}

export interface SessionItem {
  session: string;
  state: 'open' | 'closed';
  opened: string;
  closed: string | null;
  reason: string | null;
  host: HostIdentity | null;
  pid: number | null;
  user: string | null;
  runtime: string | null;
  events: number;
  alerts: number;
  vantages: string[];
  /** The host's page in the console of its EDR. */
  edr_link: string | null;
}

export interface SessionQuery {
  limit?: number;
  cursor?: string;
  /** Name, id or address. */
  host?: string;
  pid?: number;
  /** What the EDR calls the host. */
  edr_device?: string;
  /** Unix nanoseconds: who had the pid then. */
  at?: string;
}

export interface Page<T> {
  items: T[];
  cursor: string | number | null;
  /** Size of the tree that was read. */
  size: number;
}

/** What narrows a view. */
export type ViewQuery = { session?: string | undefined } & Record<
  string,
  string | number | undefined
>;

export interface EventQuery {
  session?: string;
  kind?: string;
  vantage?: string;
  q?: string;
  after?: number;
  limit?: number;
  order?: 'asc' | 'desc';
  /** Session that alerts are about: of a tail. */
  subject?: string;
  /** Of alerts: lists of states and severities, a rule, who has them (`-` for nobody). */
  state?: string;
  severity?: string;
  rule?: string;
  assignee?: string;
}

/** A row in a dialect of another tool: CEF and LEEF are text. */
export type ForeignItem = JsonObject | string;

export interface BundleQuery {
  /** `0` leaves contents out. */
  parts?: 0 | undefined;
  /** Note of a checkpoint the log must have grown out of. */
  from?: string | undefined;
}

export interface TokenItem {
  id: string;
  role: string;
  /** The streams it may pull, of a token for consumers. */
  pull?: string[];
  note: string;
  created: string;
  expires: string | null;
}

export type FsckLine = { progress?: FsckProgress; report?: FsckReport };

export type RedactionRequest = ({ session: string } | { log: string; index: number }) & {
  part: string;
  reason: string;
};

export interface RedactionAnswer {
  /** `announced`: the record is sealed or about to be, and the deletion goes on. */
  state: 'announced' | 'deleted';
  /** When the last copy that is the system's own is gone, unix nanoseconds. */
  until: string;
  items: {
    log: string;
    index: number;
    part: string;
    /** Leaf of the record that says so; `null` while it is not sealed. */
    redacted_by: number | null;
  }[];
}

export interface SourceItem {
  name: string;
  vantage: string | null;
  state: 'never' | 'silent' | 'dropping' | 'unexpected' | 'absent' | 'ended' | 'healthy';
  since: string | null;
  last_seen: string | null;
  losses: number;
  reason: string | null;
}

export interface SourcesItem {
  session: string;
  sources: SourceItem[];
}

export interface CoverageCell {
  risk: string;
  component: string;
  /** Of the worst session. */
  state: 'covered' | 'partly' | 'blind';
  sessions: Record<'covered' | 'partly' | 'blind', number>;
  needs: { what: string; sessions: Record<'seen' | 'claimed' | 'impaired' | 'missing', number> }[];
}

export interface CoverageAnswer {
  /** How many were looked at. */
  sessions: number;
  cells: CoverageCell[];
}
