/**
 * The one function that derives every column of a stored row, from its record and from the admit
 * run that covers it: used at insert, and again by `fsck`. Depends on nothing else.
 */
import {
  alertSubject,
  type JsonObject,
  type RecordColumns,
  readPath,
  recordColumns,
  textColumn,
  timeColumn,
} from '@vitrine/schema';
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
  /** Text, or its bytes for who has not made the text. */
  record: string | Buffer;
  /** `null` for what the sequencer wrote on its own account. */
  provenance: RowProvenance | null;
}

/** `record` must be the text of a record (LOG.md §1) or a seal; a SyntaxError is the caller's. */
export function deriveRow(source: RowSource): RecordRow {
  return deriveColumns(source, JSON.parse(String(source.record)) as JsonObject);
}

/** The same for a caller that has parsed the record already. */
export function deriveColumns(source: RowSource, record: JsonObject): RecordRow {
  return placeColumns(source, recordColumns(record), alertSubject(record));
}

/** The same for a caller that has derived what the record alone decides. */
export function placeColumns(
  source: RowSource,
  columns: RecordColumns,
  subject: string,
): RecordRow {
  const row = new DerivedRow(source, columns, subject);
  return typeof source.record === 'string' ? { ...row, record: source.record } : row;
}

/** The text of its record is made when it is asked for. */
class DerivedRow implements RecordRow {
  readonly tenant: string;
  readonly log: string;
  readonly idx: number;
  readonly session: string;
  readonly shim: string;
  readonly seq: number | null;
  readonly kind: string;
  readonly t: string;
  readonly observed: string;
  readonly sandbox: string;
  readonly via: string;
  readonly vantage: string;
  readonly peer: string;
  readonly leaf: Buffer;
  readonly agent: string;
  readonly severity: number;
  readonly title: string;
  readonly subject: string;
  readonly #record: string | Buffer;

  constructor(source: RowSource, columns: RecordColumns, subject: string) {
    const { provenance } = source;
    this.tenant = source.tenant;
    this.log = source.log;
    this.idx = source.index;
    this.session = source.session;
    this.shim = source.shim;
    this.seq = columns.seq;
    this.kind = columns.kind;
    this.t = columns.t;
    this.observed = timeColumn(provenance?.observed ?? '0');
    this.sandbox = provenance?.sandbox ?? '';
    this.via = provenance?.via ?? '';
    this.vantage = provenance?.vantage ?? '';
    this.peer = provenance?.peer ?? '';
    this.leaf = source.leaf;
    this.agent = columns.agent;
    this.severity = columns.severity;
    this.title = columns.title;
    // Only the log's own alerts have one.
    this.subject = source.session === 'log' ? subject : '';
    this.#record = source.record;
  }

  get record(): string {
    return String(this.#record);
  }

  get recordBytes(): Buffer | undefined {
    return typeof this.#record === 'string' ? undefined : this.#record;
  }
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
    host_name: textColumn(record, 'host.name'),
    host_id: textColumn(record, 'host.id'),
    host_ip: textColumn(record, 'host.ip'),
    pid: typeof pid === 'number' && pid > 0 ? pid : 0,
    record: row.record,
  };
}
