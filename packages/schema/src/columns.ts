/**
 * The columns of a stored row that its record alone decides: derived at insert, again by `fsck`,
 * and again by whoever is shown a row. Depends on nothing else.
 */
import { type JsonObject, readPath } from './json.ts';
import { eventSeverity, eventTitle, TITLE_PATHS } from './title.ts';

/** What the event alone decides, wherever its record will stand. */
export interface EventColumns {
  /** `agent.id`, or nothing. */
  agent: string;
  severity: number;
  title: string;
}

export interface RecordColumns extends EventColumns {
  session: string;
  shim: string;
  /** `null` for a seal. */
  seq: number | null;
  kind: string;
  /** Unix nanoseconds, decimal text, at most what a signed 64-bit column holds. */
  t: string;
}

/** Largest time a column holds: 2262 in nanoseconds. */
const TIME_MAX = '9223372036854775807';
/** A seal names neither session nor shim (LOG.md §3): it is the log's own. */
const OWN_SESSION = 'log';
const SEAL_SHIM = 'seal';

/** `record` is a record (LOG.md §1) or a seal; any other object has columns as well. */
export function recordColumns(record: JsonObject): RecordColumns {
  const { session, shim, seq } = record;
  return {
    session: typeof session === 'string' ? session : OWN_SESSION,
    shim: typeof shim === 'string' ? shim : SEAL_SHIM,
    seq: typeof seq === 'number' ? seq : null,
    kind: String(record.kind),
    t: timeColumn(record.t),
    ...eventColumns(record, String(record.kind)),
  };
}

/** Of its kind and its members beside the reserved ones. */
export function eventColumns(fields: JsonObject, kind: string): EventColumns {
  return {
    agent: textColumn(fields, 'agent.id'),
    severity: eventSeverity(fields, kind),
    title: eventTitle(fields, kind),
  };
}

const COLUMN_PATHS = ['agent.id', 'severity', 'subject', ...TITLE_PATHS];

/** Whether a member of this dotted name can have a say in any column of its record. */
export function isColumnPath(name: string): boolean {
  return COLUMN_PATHS.some((path) => name === path || name.startsWith(`${path}.`));
}

/** What a record says it is about, if it is an alert or what became of one. */
export function alertSubject(record: JsonObject): string {
  const { kind } = record;
  return kind === 'alert' || kind === 'alert.state' ? textColumn(record, 'subject') : '';
}

/** The text at a path of nested members; empty where there is none. */
export function textColumn(record: JsonObject, path: string): string {
  const value = readPath(record, path);
  return typeof value === 'string' ? value : '';
}

/** The maker's clock is not ours to trust: any decimal text has a column value. */
export function timeColumn(value: unknown): string {
  if (typeof value !== 'string' || !/^(0|[1-9]\d*)$/.test(value)) return '0';
  if (value.length < TIME_MAX.length) return value;
  return value.length > TIME_MAX.length || value > TIME_MAX ? TIME_MAX : value;
}
