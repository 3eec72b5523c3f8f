/**
 * What the store keeps and answers: rows of the evidence tables, and the views made of them. Times
 * are unix nanoseconds as decimal text; hashes are raw bytes.
 */
import type { Page, SessionItem } from '@vitrine/schema/api';
import type { QueryNode } from '@vitrine/schema/query';

/** One leaf. Every column is derived from its record and its admit run (`derive.ts`). */
export interface RecordRow {
  tenant: string;
  /** `<tenant>.<i>.<n>` */
  log: string;
  /** Leaf index in the log. */
  idx: number;
  /** `log` for the log's own records and its seals. */
  session: string;
  /** `seal` for a seal. */
  shim: string;
  /** Place in the chain; `null` for a seal, which has none. */
  seq: number | null;
  kind: string;
  /** By the maker's clock; what does not fit 63 bits is clamped (the record keeps it). */
  t: string;
  /** By the host's clock at receipt; `0` for records that were not received. */
  observed: string;
  sandbox: string;
  via: string;
  vantage: string;
  peer: string;
  /** RFC 6962 leaf hash of the record's bytes. */
  leaf: Buffer;
  /** The exact canonical bytes, as text. */
  record: string;
  /** The same, where they are at hand: the text is then made when it is asked for. */
  recordBytes?: Buffer | undefined;
  agent: string;
  severity: number;
  title: string;
  /** Session an alert is about; empty for all other records. */
  subject: string;
}

/** Content a record has committed to. Its absence after a redaction is no fault. */
export interface PartRow {
  tenant: string;
  log: string;
  idx: number;
  name: string;
  salt: Buffer;
  data: Buffer;
}

/** A full tile: 256 hashes. */
export interface TileRow {
  log: string;
  level: number;
  n: number;
  hashes: Buffer;
}

export interface CheckpointRow {
  log: string;
  size: number;
  root: Buffer;
  /** Signed note (C2SP tlog-checkpoint). */
  note: string;
}

/** Which records, below the published `size`. All members given must hold. */
export interface EventFilter {
  log: string;
  size: number;
  order: 'asc' | 'desc';
  limit: number;
  session?: string;
  /** `session/shim` */
  chain?: string;
  kinds?: string[];
  vantages?: string[];
  /** With its times fixed. */
  query?: QueryNode;
  /** Exclusive index to continue from, in `order`. */
  after?: number;
  /** Session that alerts are about. */
  subject?: string;
  /** Names of severities, as alerts have them. */
  severities?: string[];
  /** Rule that alerts are of. */
  rule?: string;
  /** Leaf hash in base64. */
  leaf?: string;
}

/** As the API answers it, without what only the collector's settings know. */
export type StoredSession = Omit<SessionItem, 'edr_link'>;

export interface SessionQuery {
  log: string;
  size: number;
  limit: number;
  /** As the page before gave it. */
  cursor?: string | undefined;
  /** Name, id or address of the host. */
  host?: string | undefined;
  /** `host.process.pid` of `open`. */
  pid?: number | undefined;
  /** The session of this name, and its later lives (`S:2`, …). */
  session?: string | undefined;
  /** `host.edr.device_id` of `open`, in any case. */
  edr?: string | undefined;
  /** Unix nanoseconds: a time at which the session was open, or just about to. */
  at?: string | undefined;
}

/** A page, before it is said of which published size it is. */
export type SessionsRead = Omit<Page<StoredSession, string>, 'size'>;

/** One record of a chain, for bundles. */
export interface ChainRow {
  idx: number;
  seq: number;
  record: string;
  leaf: Buffer;
}

/** Last record of a chain. */
export interface TipRow {
  session: string;
  shim: string;
  seq: number;
  leaf: Buffer;
  /** Host clock of the chain's newest record. */
  observed: string;
}

/** Of all sessions, as far as the time reached. */
export interface SearchPage {
  rows: RecordRow[];
  /** The last leaf that was looked at, where there are more and nobody has. */
  stopped?: number;
}

export interface SealRow {
  idx: number;
  record: string;
}

/** A record of a session's `sup` chain, with what `open` says of the host. */
export interface SupervisionRow {
  log: string;
  idx: number;
  session: string;
  seq: number;
  kind: string;
  host_name: string;
  host_id: string;
  host_ip: string;
  pid: number;
  record: string;
}

/** Records in time; `from` and `to` are inclusive, their first and last else. */
export interface HistogramQuery extends Omit<EventFilter, 'order' | 'limit' | 'after'> {
  buckets: number;
  from?: string;
  to?: string;
}

/** Alerts of one rule: all, those of late, and the newest (unix nanoseconds). */
export interface RuleAlerts {
  rule: string;
  /** When the stretch of time begins, unix nanoseconds; 0 for all that is not recent. */
  slot: bigint;
  total: number;
  last_t: bigint;
}
