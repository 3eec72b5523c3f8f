/**
 * The one function that derives every column of a stored row from its record and from the admit
 * run that covers it: used at insert, and again by `fsck`. Depends on nothing else.
 */
import { eventSeverity, eventTitle, type JsonObject, readPath } from '@vitrine/schema';
import type { RecordRow, SupervisionRow } from './row.ts';

/** What the connection said about a record: the members of an admit run (LOG.md §2). */
export interface RowProvenance {
  sandbox: string;
  via: string;
  vantage: string;
  peer: string;
  observed: string;
}

export interface RowSource {
  tenant: string;
  log: string;
  index: number;
  session: string;
  shim: string;
  leaf: Buffer;
  record: string;
  /** `null` for what the sequencer wrote on its own account. */
  provenance: RowProvenance | null;
}

/** Largest time a column holds: 2262 in nanoseconds. */
const TIME_MAX = 9_223_372_036_854_775_807n;
const TIME_DIGITS_SAFE = 18;

/** `record` must be the text of a record (LOG.md §1) or a seal; a SyntaxError is the caller's. */
export function deriveRow(source: RowSource): RecordRow {
  return deriveColumns(source, JSON.parse(source.record) as JsonObject);
}

/** The same for a caller that has parsed the record already. */
export function deriveColumns(source: RowSource, record: JsonObject): RecordRow {
  const { provenance } = source;
  return {
    tenant: source.tenant,
    log: source.log,
    idx: source.index,
    session: source.session,
    shim: source.shim,
    seq: typeof record.seq === 'number' ? record.seq : null,
    kind: String(record.kind),
    t: timeColumn(record.t),
    observed: timeColumn(provenance?.observed ?? '0'),
    sandbox: provenance?.sandbox ?? '',
    via: provenance?.via ?? '',
    vantage: provenance?.vantage ?? '',
    peer: provenance?.peer ?? '',
    leaf: source.leaf,
    record: source.record,
    agent: textAt(record, 'agent.id'),
    severity: eventSeverity(record),
    title: eventTitle(record),
    subject: source.session === 'log' && record.kind === 'alert' ? textAt(record, 'subject') : '',
  };
}

/** The row of a record of a `sup` chain in the table of its own; `undefined` for any other. */
export function deriveSupervision(row: RecordRow): SupervisionRow | undefined {
  if (row.shim !== 'sup' || row.session === 'log' || row.seq === null) return undefined;
  const record = row.kind === 'open' ? (JSON.parse(row.record) as JsonObject) : {};
  const pid = readPath(record, 'host.process.pid');
  return {
    log: row.log,
    idx: row.idx,
    session: row.session,
    seq: row.seq,
    kind: row.kind,
    host_name: textAt(record, 'host.name'),
    host_id: textAt(record, 'host.id'),
    host_ip: textAt(record, 'host.ip'),
    pid: typeof pid === 'number' && pid > 0 ? pid : 0,
    record: row.record,
  };
}

function textAt(record: JsonObject, path: string): string {
  const value = readPath(record, path);
  return typeof value === 'string' ? value : '';
}

/** The maker's clock is not ours to trust: any decimal text has a column value. */
function timeColumn(value: unknown): string {
  if (typeof value !== 'string' || !/^(0|[1-9]\d*)$/.test(value)) return '0';
  if (value.length <= TIME_DIGITS_SAFE) return value;
  return BigInt(value) > TIME_MAX ? String(TIME_MAX) : value;
}
