/**
 * What is normalised: one record with its place in the log, and what the connection and the session
 * say about it. The caller has read all of it; nothing here looks anything up.
 */
import { isObject, type JsonObject } from '../json.ts';
import { eventTitle } from '../title.ts';
import { alertSeverity, eventSeverityWord, type Severity } from './severity.ts';

/** A record in its log. */
export interface LogEntry {
  log: string;
  index: number;
  /** Leaf hash, base64. */
  leaf: string;
  tenant: string;
  /** `log` for the log's own records. */
  session: string;
  shim: string;
  seq: number | null;
  kind: string;
  /** Unix nanoseconds by the maker's clock, decimal text. */
  t: string;
  /** The same by the host's clock at receipt; `0` for what was not received. */
  observed: string;
  /** Empty for the log's own records. */
  vantage: string;
  sandbox: string;
  /** Rank of `eventSeverity`. */
  severity: number;
  title: string;
  record: JsonObject;
  /** `HostIdentity` as the session's `open` names it; null where nobody told. */
  host: JsonObject | null;
  /** Where a person finds the row and its proof. */
  link: string;
}

const OWN_SESSION = 'log';

/** An alert with its place, as it is delivered. */
export interface AlertPlace {
  log: string;
  index: number;
  /** Leaf hash, base64. */
  leaf: string;
  /** Unix nanoseconds, decimal text. */
  t: string;
  record: JsonObject;
  link: string;
}

/** A delivered alert as a record in its log: it names the host it is about itself. */
export function alertEntry({ log, index, leaf, t, record, link }: AlertPlace): LogEntry {
  const { seq } = record;
  return {
    ...{ log, index, leaf, t, record, link, session: OWN_SESSION, shim: 'alert', kind: 'alert' },
    tenant: log.split('.', 1)[0]!,
    seq: typeof seq === 'number' ? seq : null,
    ...{ observed: '0', vantage: '', sandbox: '', severity: 0, host: null },
    title: eventTitle(record),
  };
}

/** A kind has the sequencer's meaning only in the sequencer's own chains (LOG.md §2). */
export function isSupervised({ session, shim }: LogEntry): boolean {
  return session === OWN_SESSION || shim === 'sup';
}

export function isAlert(entry: LogEntry): boolean {
  return entry.session === OWN_SESSION && entry.shim === 'alert' && entry.kind === 'alert';
}

/** The session a row is about: an alert names another than its own. */
export function subjectOf(entry: LogEntry): string {
  const { subject } = entry.record;
  return isAlert(entry) && typeof subject === 'string' ? subject : entry.session;
}

export function severityOf(entry: LogEntry): Severity {
  return isAlert(entry) ? alertSeverity(entry.record) : eventSeverityWord(entry.severity);
}

/** Who saw it; an alert says so itself. Empty for the log's other records. */
export function vantageOf(entry: LogEntry): string {
  const { vantage } = entry.record;
  return isAlert(entry) && typeof vantage === 'string' ? vantage : entry.vantage;
}

/** The host a row is about; an alert repeats it. */
export function hostOf(entry: LogEntry): JsonObject | null {
  const { host } = entry.record;
  return isAlert(entry) && isObject(host) ? host : entry.host;
}

/** Unix milliseconds; 0 for a time that is none. */
export function msOf(ns: string): number {
  // Without the last six digits as text: a double cannot hold them all, and rounds.
  return /^\d{7,19}$/.test(ns) ? Number(ns.slice(0, -6)) : 0;
}
