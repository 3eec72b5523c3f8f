/**
 * The collector's side of detection: feeds published rows to the worker in the log's order, hands
 * its alerts to the sequencer, and reads from the store what it could not keep up with. What it has
 * read is the log's own business: `consumed.detect` commits together with the alerts.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DETECT_PAGE_ROWS, DETECT_WAITING_ROWS_MAX, type JsonObject } from '@vitrine/schema';
import type { DetectionReading, FailedRows, RuleChange, RuleListing } from '@vitrine/schema/api';
import type { RecordRow, Store } from '@vitrine/store';
import type { AlertInput } from '../sequence/alert.ts';
import type { OpenSession } from '../sequence/state.ts';
import { batchesFrom, closedSince, isRead, openRow, rowsBefore, rowsBetween } from './before.ts';
import { Lag } from './lag.ts';
import { packRows } from './rows.ts';
import { type RuleCause, RuleKeeper } from './rule-keeper.ts';
import { type RuleFolders, watchRules } from './rules.ts';
import { Saver } from './saved.ts';
import { DetectThread } from './thread.ts';
import type { WorkerReply } from './worker.ts';

export interface DetectionStatus extends DetectionReading {
  rules: RuleListing[];
}

export interface DetectionOptions {
  log: string;
  /** For what it keeps from one start to the next. */
  dir: string;
  folders: RuleFolders;
  store: Store;
  /** Where the log says detection has read to. */
  from: number;
  sessions: () => Iterable<OpenSession>;
  size: () => number;
  nowMs: () => number;
  onAlerts: (alerts: AlertInput[], to: number) => void;
  /** A rule set runs: what the log should say about it; resolves when that is durable. */
  onRules: (fields: JsonObject) => Promise<void>;
  print: (line: string) => void;
  /** Of the thread, and the first pause before a dead one is replaced: for tests. */
  thread?: { script: URL; data: string; retryMs: number };
}

type Restored = WorkerReply & { type: 'restored' };

export class Detection {
  /** The rules of the start run, or it was said why they do not; never rejects. */
  readonly loaded: Promise<void>;
  readonly #options: DetectionOptions;
  readonly #rules: RuleKeeper;
  readonly #lag: Lag;
  readonly #saver: Saver;
  readonly #thread: DetectThread;
  readonly #unwatch: () => void;
  #evicted: Record<string, number> = {};
  #failed: FailedRows = { count: 0, last: null };
  #position: number;
  /** Rows up to here were handed to the worker. */
  #handed: number;
  #waitingRows = 0;
  #catchingUp = false;
  /** The worker knows the sessions that its rows are about. */
  #primed = false;
  #restored: ((answer: Restored) => void) | undefined;
  #stopped = false;

  constructor(options: DetectionOptions) {
    this.#options = options;
    this.#position = options.from;
    this.#handed = options.from;
    this.#lag = new Lag(options.from);
    this.#lag.published(options.size(), options.nowMs());
    mkdirSync(options.dir, { recursive: true, mode: 0o700 });
    const { folders, onRules, print } = options;
    this.#rules = new RuleKeeper({
      ...{ folders, onRules, print, path: join(options.dir, 'rules.json') },
      send: (request) => this.#thread.send(request),
    });
    const { store, log, dir } = options;
    const ask = (): void => this.#thread.send({ type: 'save', to: this.#handed });
    const saved = { store, log, path: join(dir, 'saved'), ask, print };
    this.#saver = new Saver(saved, options.from);
    this.#thread = new DetectThread({
      script: new URL('./worker.ts', import.meta.url),
      ...options.thread,
      onReply: (reply) => this.#take(reply),
      onReplaced: () => this.#resume(),
      print,
    });
    this.loaded = this.#rules.start();
    this.#unwatch = watchRules(folders, () => void this.#follow(), print);
    void this.#catchUp();
  }

  get status(): DetectionStatus {
    const position = this.#position;
    const behind = {
      lag_rows: Math.max(0, this.#options.size() - position),
      lag_seconds: this.#lag.seconds(this.#options.nowMs()),
    };
    const { status } = this.#rules;
    const bounds = { evicted: this.#evicted, failed: this.#failed };
    return { ...this.#thread.health, ...status, position, ...behind, ...bounds };
  }

  ruleText(id: string): string | undefined {
    return this.#rules.textOf(id);
  }

  /** As `RuleKeeper.reload`, for somebody. */
  reload(by: { token: string; role: string }): Promise<RuleChange> {
    return this.#rules.reload({ cause: 'request', by } satisfies RuleCause);
  }

  /** Takes newly published rows; when too many wait already, they are read from the store later. */
  published(rows: RecordRow[], size: number): void {
    this.#lag.published(size, this.#options.nowMs());
    const seal = rows.findLast(({ kind }) => kind === 'seal');
    if (seal !== undefined) this.#saver.durable(detectedBy(seal));
    const first = rows[0]?.idx ?? size;
    if (this.#catchingUp || !this.#thread.isAlive) return;
    const fits = this.#waitingRows + rows.length <= DETECT_WAITING_ROWS_MAX;
    if (this.#primed && first === this.#handed && fits) this.#hand(rows, size);
    else void this.#catchUp();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unwatch();
    await this.#thread.stop();
  }

  /** The folder has changed: what it holds now is taken, or refused as a whole. */
  async #follow(): Promise<void> {
    try {
      await this.#rules.reload({ cause: 'folder' });
    } catch (error) {
      if (!this.#stopped) this.#options.print(`detect: ${String(error)}`);
    }
  }

  /** Detection that has died must not stay dead in silence: it goes on where its alerts ended. */
  #resume(): void {
    this.#handed = this.#position;
    this.#waitingRows = 0;
    this.#primed = false;
    this.#saver.forget();
    this.#rules.resend();
    this.#restored?.(GONE);
    void this.#catchUp();
  }

  /** Tells the worker what it would know had it read all before where it goes on. */
  async #prime(): Promise<void> {
    const { generation } = this.#thread;
    const known = (await this.#primeSaved(generation)) || (await this.#primeRead(generation));
    if (known && generation === this.#thread.generation) this.#primed = true;
  }

  /** From what was saved, and the rows since then; `false` where that cannot be. */
  async #primeSaved(generation: number): Promise<boolean> {
    const position = this.#position;
    const saved = await this.#saver.usable(position);
    if (saved === undefined || generation !== this.#thread.generation) return false;
    const answer = await new Promise<Restored>((resolve) => {
      this.#restored = resolve;
      this.#thread.send({ type: 'restore', state: saved.state });
    });
    this.#restored = undefined;
    const { print } = this.#options;
    if (answer.error !== null) {
      print(`detect: what was saved is not taken up: ${answer.error}`);
      return false;
    }
    if (answer.dropped.length > 0) print(`detect: changed, and begins anew: ${answer.dropped}`);
    for await (const rows of rowsBetween(this.#options, saved.to, position)) {
      if (generation !== this.#thread.generation) return false;
      this.#thread.send({ type: 'prime', rows: packRows(rows), ends: false });
    }
    return true;
  }

  /**
   * From the log: sessions that are open, those that have closed since the row it goes on from, for
   * what they did is judged by their `open` as well, and what came shortly before.
   */
  async #primeRead(generation: number): Promise<boolean> {
    const reader = this.#options;
    const rows = [...reader.sessions()].map((session) => openRow(reader.log, session));
    rows.push(...(await closedSince(reader, this.#position, this.#options.size())));
    const before = await rowsBefore(reader, this.#position);
    if (generation !== this.#thread.generation) return false;
    this.#thread.send({ type: 'prime', rows: packRows([...rows, ...before]), ends: true });
    return true;
  }

  #hand(rows: RecordRow[], to: number): void {
    this.#waitingRows += rows.length;
    this.#handed = to;
    this.#thread.send({ type: 'rows', rows: packRows(rows.filter(isRead)), to });
  }

  async #catchUp(): Promise<void> {
    if (this.#catchingUp) return;
    this.#catchingUp = true;
    const { size, print } = this.#options;
    try {
      while (this.#isBehind(size())) {
        if (!this.#primed) await this.#prime();
        else if (this.#waitingRows > DETECT_PAGE_ROWS) await sleep(WAIT_MS);
        else await this.#readPage(size());
      }
    } catch (error) {
      print(`detect: cannot read rows: ${String(error)}; trying again`);
      setTimeout(() => void this.#catchUp(), RETRY_MS).unref();
    } finally {
      this.#catchingUp = false;
    }
  }

  /** A thread that is dead is told everything by `#resume`. */
  #isBehind(size: number): boolean {
    if (this.#stopped || !this.#thread.isAlive) return false;
    return !this.#primed || this.#handed < size;
  }

  async #readPage(size: number): Promise<void> {
    const from = this.#handed;
    const { generation } = this.#thread;
    const { rows, to } = await batchesFrom(this.#options, from, size);
    // A worker that was replaced meanwhile starts from an earlier row.
    if (generation !== this.#thread.generation || this.#handed !== from || !this.#primed) return;
    this.#hand(rows, to);
  }

  #take(reply: WorkerReply): void {
    if (reply.type === 'rules') {
      this.#rules.take(reply);
      return;
    }
    if (reply.type === 'restored') {
      this.#restored?.(reply);
      return;
    }
    if (reply.type === 'saved') {
      this.#saver.take(reply);
      return;
    }
    this.#waitingRows = Math.max(0, this.#waitingRows - (reply.to - this.#position));
    this.#position = reply.to;
    this.#lag.read(reply.to);
    this.#thread.progressed();
    this.#saver.read(reply.to, this.#options.nowMs());
    this.#takeBounds(reply.evicted, reply.failed);
    this.#options.onAlerts(reply.alerts as unknown as AlertInput[], reply.to);
  }

  #takeBounds(evicted: Record<string, number>, failed: FailedRows): void {
    const { print } = this.#options;
    for (const rule of Object.keys(evicted)) {
      if (rule in this.#evicted) continue;
      print(`detect: ${rule} has more to remember than it may; it forgets the oldest`);
    }
    const { count, last } = failed;
    if (count > this.#failed.count)
      print(`detect: leaf ${last?.index} not judged: ${last?.reason}`);
    this.#evicted = evicted;
    this.#failed = failed;
  }
}

/** What a seal says detection has read (LOG.md §3: it commits with the alerts). */
function detectedBy({ record }: RecordRow): number {
  const { src } = JSON.parse(record) as { src?: { detect?: string } };
  return Number(src?.detect ?? 0);
}

/** Of a thread that ended before it could say. */
const GONE: Restored = { type: 'restored', dropped: [], error: 'its thread has ended' };
const RETRY_MS = 1_000;
const WAIT_MS = 20;
