/**
 * The collector's side of detection: feeds published rows to the worker in the log's order, hands
 * its alerts to the sequencer, and reads from the store what it could not keep up with. What it has
 * read is the log's own business: `consumed.detect` commits together with the alerts.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RefusedRule } from '@vitrine/detect';
import { DETECT_PAGE_ROWS, DETECT_WAITING_ROWS_MAX, type JsonObject } from '@vitrine/schema';
import type { RecordRow, Store } from '@vitrine/store';
import type { AlertInput } from '../sequence/alert.ts';
import type { OpenSession } from '../sequence/state.ts';
import { closedSince, isRead, openRow, rowsBefore } from './before.ts';
import { Lag } from './lag.ts';
import { packRows } from './rows.ts';
import { type RuleCause, RuleKeeper } from './rule-keeper.ts';
import type { RuleChange } from './rule-set.ts';
import { type RuleFolders, watchRules } from './rules.ts';
import { DetectThread, type ThreadHealth } from './thread.ts';
import type { FailedRows, RuleListing, WorkerReply } from './worker.ts';

export interface DetectionStatus extends ThreadHealth {
  /** Of the rule set: see `rule-set.ts`. */
  hash: string | null;
  rules: RuleListing[];
  refused: RefusedRule[];
  /** Leaves that detection has read. */
  position: number;
  lag_rows: number;
  /** Since the oldest leaf it has not read could be read. */
  lag_seconds: number;
  /** Records that rules about two of them forgot too early, to keep their bounds, by rule. */
  evicted: Record<string, number>;
  failed: FailedRows;
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
  thread?: { script?: URL; retryMs?: number };
}

export class Detection {
  readonly #options: DetectionOptions;
  readonly #rules: RuleKeeper;
  readonly #lag: Lag;
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
    this.#thread = new DetectThread({
      script: options.thread?.script ?? new URL('./worker.ts', import.meta.url),
      retryMs: options.thread?.retryMs,
      onReply: (reply) => this.#take(reply),
      onReplaced: () => this.#resume(),
      print,
    });
    void this.#rules.start();
    this.#unwatch = watchRules(folders, () => void this.#follow());
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
    this.#rules.resend();
    void this.#catchUp();
  }

  /**
   * Tells the worker of the sessions that are open, and of those that have closed since the row it
   * goes on from: what they did is judged by their `open` as well.
   */
  async #prime(): Promise<void> {
    const { generation } = this.#thread;
    const reader = this.#options;
    const rows = [...this.#options.sessions()].map(openRow);
    rows.push(...(await closedSince(reader, this.#position, this.#options.size())));
    const before = await rowsBefore(reader, this.#position);
    if (generation !== this.#thread.generation) return;
    this.#thread.send({ type: 'prime', rows: packRows([...rows, ...before]) });
    this.#primed = true;
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
    const { store, log } = this.#options;
    const from = this.#handed;
    const { generation } = this.#thread;
    const filter = { log, size, order: 'asc' as const, limit: DETECT_PAGE_ROWS };
    const rows = await store.events({ ...filter, after: from - 1 });
    // A worker that was replaced meanwhile starts from an earlier row.
    if (generation !== this.#thread.generation || this.#handed !== from || !this.#primed) return;
    const whole = rows.length < DETECT_PAGE_ROWS;
    this.#hand(rows, whole ? size : rows.at(-1)!.idx + 1);
  }

  #take(reply: WorkerReply): void {
    if (reply.type === 'rules') {
      this.#rules.take(reply);
      return;
    }
    this.#waitingRows = Math.max(0, this.#waitingRows - (reply.to - this.#position));
    this.#position = reply.to;
    this.#lag.read(reply.to);
    this.#thread.progressed();
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

const RETRY_MS = 1_000;
const WAIT_MS = 20;
