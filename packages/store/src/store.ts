/**
 * The store of all logs: the only place where SQL lives. Relies on an engine that speaks
 * ClickHouse's HTTP interface, embedded or not; every method throws StoreError.
 */
import type { Histogram } from '@vitrine/schema/api';
import type { Manifest } from './backup/manifest.ts';
import { type RestoredRows, type RestoreOptions, restoreBackup } from './backup/restore.ts';
import { BackupTables } from './backup/tables.ts';
import type { Connection } from './client/connection.ts';
import type { Login } from './engine/access.ts';
import type { EngineSupervisor } from './engine/supervisor.ts';
import { Erasure } from './erase/erasure.ts';
import { EvidenceReader } from './fsck/evidence.ts';
import { insertRows } from './insert/batch.ts';
import { AlertReader } from './query/alert-reader.ts';
import { chainRecords, shims } from './query/chains.ts';
import { daySeal, firstSeal, newestDaySeal, sizeBefore } from './query/days.ts';
import { record } from './query/events.ts';
import { histogram } from './query/histogram.ts';
import { leaves, tile, tiles } from './query/leaves.ts';
import { parts, partsOfChain } from './query/parts.ts';
import { PullReader } from './query/pull-reader.ts';
import {
  alertIds,
  alertIdsBetween,
  closedLives,
  lastCheckpoint,
  openSessions,
  supervision,
  supervisionBetween,
  tips,
  tipsBetween,
} from './query/recovery.ts';
import { events, search } from './query/search.ts';
import { session, sessions } from './query/sessions.ts';
import { sources } from './query/sources.ts';
import { Views } from './query/views.ts';
import { takeWords, wordsKnown } from './query/words.ts';
import type {
  ChainRow,
  CheckpointRow,
  EventFilter,
  HistogramQuery,
  PartRow,
  RecordRow,
  SealRow,
  SearchPage,
  SessionQuery,
  SessionsRead,
  StoredSession,
  SupervisionRow,
  TileRow,
  TipRow,
} from './row.ts';
import type { SourcesHeard } from './source-row.ts';

/** Where and as whom others of this machine may read. */
export interface Endpoint extends Login {
  url: string;
}

export class Store {
  readonly endpoint: Endpoint;
  /** Every row of the evidence tables, for `fsck`. */
  readonly evidence: EvidenceReader;
  /** The same as lines of a backup. */
  readonly backup: BackupTables;
  /** Takes out what the log has announced as redacted or expired. */
  readonly erasure: Erasure;
  /** Sums over events: files, egress, processes, approvals. */
  readonly views: Views;
  /** Alerts, what became of them, and incidents. */
  readonly alerts: AlertReader;
  /** What pages of many leaves need beside their records. */
  readonly pull: PullReader;
  readonly #connection: Connection;
  readonly #engine: EngineSupervisor | undefined;
  readonly #log: (line: string) => void;

  constructor(
    connection: Connection,
    endpoint: Endpoint,
    log: (line: string) => void,
    engine?: EngineSupervisor,
  ) {
    this.#connection = connection;
    this.evidence = new EvidenceReader(connection);
    this.backup = new BackupTables(connection);
    this.erasure = new Erasure(connection);
    this.views = new Views(connection);
    this.alerts = new AlertReader(connection);
    this.pull = new PullReader(connection);
    this.endpoint = endpoint;
    this.#log = log;
    this.#engine = engine;
  }

  /**
   * Makes the rows of one batch durable (LOG.md §3, step 5). With `verify`, only what is not there
   * yet is inserted, and what is there twice is repaired. Throws INSERT_FAILED or ENGINE_AWAY; the
   * batch may then be there in part, and must be given again with `verify`.
   */
  insertBatch(
    records: RecordRow[],
    partRows: PartRow[],
    tiles: TileRow[],
    checkpoint: CheckpointRow,
    { verify }: { verify: boolean },
  ): Promise<void> {
    const batch = { records, parts: partRows, tiles, checkpoints: [checkpoint] };
    return insertRows(this.#connection, batch, verify, this.#log);
  }

  /**
   * Puts a backup into the store, as far as its rows are not there. Throws BACKUP_INVALID,
   * BACKUP_DAMAGED, and as `insertBatch` does.
   */
  restore(dir: string, options: Omit<RestoreOptions, 'insert'>): Promise<Manifest> {
    const insert = (rows: RestoredRows): Promise<void> =>
      insertRows(this.#connection, rows, true, this.#log);
    return restoreBackup(dir, { ...options, insert });
  }

  events(filter: EventFilter): Promise<RecordRow[]> {
    return events(this.#connection, filter);
  }

  /** Of all sessions; ends early, and says where, when its time is over. */
  search(filter: EventFilter): Promise<SearchPage> {
    return search(this.#connection, filter);
  }

  /** Leaves whose words are known to a search: whole blocks, from the first leaf on. */
  wordsKnown(log: string): Promise<number> {
    return wordsKnown(this.#connection, log);
  }

  /** Takes the words of the whole blocks of [first, end), of leaves that are published. */
  takeWords(log: string, first: number, end: number): Promise<void> {
    return takeWords(this.#connection, log, first, end);
  }

  record(log: string, size: number, idx: number): Promise<RecordRow | undefined> {
    return record(this.#connection, log, size, idx);
  }

  parts(log: string, idx: number): Promise<PartRow[]> {
    return parts(this.#connection, log, idx);
  }

  /** Parts of a chain's records among the leaves [first, end). */
  partsOfChain(
    log: string,
    name: string,
    shim: string,
    between: { first: number; end: number },
  ): Promise<PartRow[]> {
    return partsOfChain(this.#connection, log, name, shim, between);
  }

  sessions(query: SessionQuery): Promise<SessionsRead> {
    return sessions(this.#connection, query);
  }

  session(log: string, size: number, name: string): Promise<StoredSession | undefined> {
    return session(this.#connection, log, size, name);
  }

  /** Who was heard in these sessions, `SOURCE_SESSIONS_MAX` at most. */
  sources(log: string, size: number, names: readonly string[]): Promise<SourcesHeard> {
    return sources(this.#connection, log, size, names);
  }

  histogram(query: HistogramQuery): Promise<Histogram> {
    return histogram(this.#connection, query);
  }

  /** Hashes of a full tile; `undefined` when it is not stored. */
  tile(log: string, level: number, n: number): Promise<Buffer | undefined> {
    return tile(this.#connection, log, level, n);
  }

  /** Hashes of the full tiles [first, end) of a level; ROWS_MISSING when they are not all there. */
  tiles(log: string, level: number, first: number, end: number): Promise<Buffer[]> {
    return tiles(this.#connection, log, level, first, end);
  }

  /** Leaf hashes of [first, end); ROWS_MISSING when they are not all there. */
  leaves(log: string, first: number, end: number): Promise<Buffer[]> {
    return leaves(this.#connection, log, first, end);
  }

  /** Records of a chain behind `afterSeq` (-1: from the start), at most `limit`. */
  chainRecords(
    log: string,
    size: number,
    name: string,
    shim: string,
    afterSeq: number,
    limit: number,
  ): Promise<ChainRow[]> {
    return chainRecords(this.#connection, log, size, { session: name, shim }, afterSeq, limit);
  }

  shims(log: string, size: number, name: string): Promise<string[]> {
    return shims(this.#connection, log, size, name);
  }

  /** The checkpoint of the largest size stored. */
  lastCheckpoint(log: string): Promise<CheckpointRow | undefined> {
    return lastCheckpoint(this.#connection, log);
  }

  /** Sessions with an `open` and no `close`. */
  openSessions(log: string, size: number): Promise<string[]> {
    return openSessions(this.#connection, log, size);
  }

  /** All records of the `sup` chains of these sessions, by session and `seq`. */
  supervision(log: string, size: number, names: string[]): Promise<SupervisionRow[]> {
    return supervision(this.#connection, log, size, names);
  }

  /** Last record of every chain of these sessions; `log` gives the log's own chains. */
  tips(log: string, size: number, names: string[]): Promise<TipRow[]> {
    return tips(this.#connection, log, size, names);
  }

  /** Last record of every chain that has one among the leaves [first, end). */
  tipsBetween(log: string, first: number, end: number): Promise<TipRow[]> {
    return tipsBetween(this.#connection, log, first, end);
  }

  /** All records of `sup` chains among the leaves [first, end), by leaf index. */
  supervisionBetween(log: string, first: number, end: number): Promise<SupervisionRow[]> {
    return supervisionBetween(this.#connection, log, first, end);
  }

  /** As `alertIds`, of the alerts among the leaves [first, end). */
  alertIdsBetween(
    log: string,
    first: number,
    end: number,
  ): Promise<{ subject: string; id: string }[]> {
    return alertIdsBetween(this.#connection, log, first, end);
  }

  /** Ids of the alerts about these sessions, with the session each is about. */
  alertIds(log: string, size: number, names: string[]): Promise<{ subject: string; id: string }[]> {
    return alertIds(this.#connection, log, size, names);
  }

  /** How many lives of each session name are closed. */
  closedLives(log: string, size: number): Promise<Map<string, number>> {
    return closedLives(this.#connection, log, size);
  }

  /** The seal that commits to a day's chains; `endNs` is the midnight that ends the day. */
  daySeal(log: string, size: number, day: string, endNs: bigint): Promise<SealRow | undefined> {
    return daySeal(this.#connection, log, size, { day, endNs });
  }

  newestDaySeal(log: string, size: number): Promise<SealRow | undefined> {
    return newestDaySeal(this.#connection, log, size);
  }

  firstSeal(log: string, size: number): Promise<SealRow | undefined> {
    return firstSeal(this.#connection, log, size);
  }

  /** Size of the newest tree whose seal's time is before `tNs`; 0 when there is none. */
  sizeBefore(log: string, size: number, tNs: bigint): Promise<number> {
    return sizeBefore(this.#connection, log, size, tNs);
  }

  ping(): Promise<boolean> {
    return this.#connection.ping();
  }

  /** Called with the reason each time the embedded engine has ended; it is restarted meanwhile. */
  onExit(listener: (reason: string) => void): void {
    this.#engine?.onExit(listener);
  }

  async close(): Promise<void> {
    await this.#connection.close();
    await this.#engine?.close();
  }
}
