/**
 * The collector's side of detection: feeds published rows to the worker in the log's order, hands
 * its alerts to the sequencer, and reads from the store what it could not keep up with. What it has
 * read is the log's own business: `consumed.detect` commits together with the alerts.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { RuleFile } from '@vitrine/detect';
import {
  DETECT_PAGE_ROWS,
  DETECT_REPLAY_MS,
  DETECT_REPLAY_ROWS_MAX,
  DETECT_WAITING_ROWS_MAX,
  type JsonObject,
} from '@vitrine/schema';
import type { RecordRow, Store } from '@vitrine/store';
import type { AlertInput } from '../sequence/alert.ts';
import { type OpenSession, OWN_SESSION, SUPERVISOR_SHIM } from '../sequence/state.ts';
import { type LooseRow, packRows } from './rows.ts';
import { type RuleFolders, readRules, watchRules } from './rules.ts';
import type { RuleListing, WorkerReply, WorkerRequest } from './worker.ts';

export interface DetectionStatus {
  rules: RuleListing[];
  refused: { file: string; code: string; reason: string }[];
  /** Leaves that detection has read. */
  position: number;
  lag_rows: number;
  /** Records that rules about two of them forgot too early, to keep their bounds, by rule. */
  evicted: Record<string, number>;
}

export interface DetectionOptions {
  log: string;
  folders: RuleFolders;
  store: Store;
  /** Where the log says detection has read to. */
  from: number;
  sessions: () => Iterable<OpenSession>;
  size: () => number;
  onAlerts: (alerts: AlertInput[], to: number) => void;
  /** A rule set was loaded: what the log should say about it. */
  onRules: (fields: JsonObject) => void;
  print: (line: string) => void;
}

export class Detection {
  readonly #options: DetectionOptions;
  readonly #unwatch: () => void;
  #worker: Worker;
  #files: RuleFile[] = [];
  #rules: RuleListing[] = [];
  #refused: DetectionStatus['refused'] = [];
  #ruleSet = '';
  #evicted: Record<string, number> = {};
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
    this.#worker = this.#startWorker();
    this.#loadRules();
    this.#unwatch = watchRules(options.folders, () => this.#loadRules());
    void this.#catchUp();
  }

  get status(): DetectionStatus {
    return {
      rules: this.#rules,
      refused: this.#refused,
      position: this.#position,
      evicted: this.#evicted,
      lag_rows: Math.max(0, this.#options.size() - this.#position),
    };
  }

  /** Takes newly published rows; when too many wait already, they are read from the store later. */
  published(rows: RecordRow[], size: number): void {
    const first = rows[0]?.idx ?? size;
    if (this.#catchingUp) return;
    const fits = this.#waitingRows + rows.length <= DETECT_WAITING_ROWS_MAX;
    if (this.#primed && first === this.#handed && fits) this.#hand(rows, size);
    else void this.#catchUp();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unwatch();
    await this.#worker.terminate();
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { name: 'detect' });
    worker.on('message', (reply: WorkerReply) => this.#take(reply));
    worker.on('error', (error) => this.#options.print(`detect: ${error.stack ?? error.message}`));
    worker.on('exit', () => {
      if (!this.#stopped) setTimeout(() => this.#replaceWorker(), RETRY_MS).unref();
    });
    return worker;
  }

  /** Detection that has died must not stay dead in silence: it goes on where its alerts ended. */
  #replaceWorker(): void {
    if (this.#stopped) return;
    this.#options.print('detect: the thread has ended; starting another one');
    this.#handed = this.#position;
    this.#waitingRows = 0;
    this.#primed = false;
    this.#worker = this.#startWorker();
    this.#send({ type: 'rules', files: this.#files });
    void this.#catchUp();
  }

  /**
   * Tells the worker of the sessions that are open, and of those that have closed since the row it
   * goes on from: what they did is judged by their `open` as well.
   */
  async #prime(): Promise<void> {
    const worker = this.#worker;
    const rows = [...this.#options.sessions()].map(openRow);
    rows.push(...(await this.#closedSince(this.#position)));
    const before = await this.#replayed(this.#position);
    if (worker !== this.#worker) return;
    this.#send({ type: 'prime', rows: packRows([...rows, ...before]) });
    this.#primed = true;
  }

  /**
   * What was read shortly before where the thread goes on: rules that compare two records remember
   * the first, and a silence that began before a restart lasts.
   */
  async #replayed(position: number): Promise<LooseRow[]> {
    const { store, log } = this.#options;
    const end = position === 0 ? undefined : await store.record(log, position, position - 1);
    if (end === undefined) return [];
    const sinceNs = BigInt(end.observed === '0' ? end.t : end.observed) - REPLAY_NS;
    const size = await store.sizeBefore(log, position, sinceNs);
    const first = Math.max(size, position - DETECT_REPLAY_ROWS_MAX);
    const found: LooseRow[] = [];
    for (let after = first - 1; after < position - 1; ) {
      const limit = Math.min(DETECT_PAGE_ROWS, position - 1 - after);
      const filter = { log, size: position, order: 'asc' as const, limit, after };
      const rows = await store.events(filter);
      found.push(...rows.filter(isRead));
      if (rows.length < limit) break;
      after = rows.at(-1)!.idx;
    }
    return found;
  }

  async #closedSince(position: number): Promise<LooseRow[]> {
    const { store, log, size } = this.#options;
    const filter = { log, size: size(), order: 'asc' as const, kinds: ['close'] };
    const names: string[] = [];
    for (let after = position - 1; ; ) {
      const rows = await store.events({ ...filter, limit: DETECT_PAGE_ROWS, after });
      names.push(...rows.filter((r) => r.shim === SUPERVISOR_SHIM).map((r) => r.session));
      if (rows.length < DETECT_PAGE_ROWS) break;
      after = rows.at(-1)!.idx;
    }
    if (names.length === 0) return [];
    const supervised = await store.supervision(log, filter.size, names);
    return supervised
      .filter(({ kind }) => kind === 'open')
      .map(({ session, record }) => primeRow(session, record));
  }

  #hand(rows: RecordRow[], to: number): void {
    this.#waitingRows += rows.length;
    this.#handed = to;
    this.#send({ type: 'rows', rows: packRows(rows.filter(isRead)), to });
  }

  async #catchUp(): Promise<void> {
    if (this.#catchingUp) return;
    this.#catchingUp = true;
    const { size, print } = this.#options;
    try {
      while (!this.#stopped && (!this.#primed || this.#handed < size())) {
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

  async #readPage(size: number): Promise<void> {
    const { store, log } = this.#options;
    const from = this.#handed;
    const filter = { log, size, order: 'asc' as const, limit: DETECT_PAGE_ROWS };
    const rows = await store.events({ ...filter, after: from - 1 });
    // A worker that was replaced meanwhile starts from an earlier row.
    if (this.#handed !== from || !this.#primed) return;
    const whole = rows.length < DETECT_PAGE_ROWS;
    this.#hand(rows, whole ? size : rows.at(-1)!.idx + 1);
  }

  #take(reply: WorkerReply): void {
    if (reply.type === 'rules') {
      this.#rules = reply.loaded;
      this.#refused = reply.refused;
      for (const { file, reason } of reply.refused) {
        this.#options.print(`detect: ${file} is not used: ${reason}`);
      }
      return;
    }
    this.#waitingRows = Math.max(0, this.#waitingRows - (reply.to - this.#position));
    this.#position = reply.to;
    this.#takeEvicted(reply.evicted);
    this.#options.onAlerts(reply.alerts as unknown as AlertInput[], reply.to);
  }

  #takeEvicted(evicted: Record<string, number>): void {
    for (const rule of Object.keys(evicted)) {
      if (rule in this.#evicted) continue;
      this.#options.print(
        `detect: ${rule} has more to remember than it may; it forgets the oldest`,
      );
    }
    this.#evicted = evicted;
  }

  #loadRules(): void {
    try {
      const files = readRules(this.#options.folders);
      const hash = createHash('sha256').update(JSON.stringify(files)).digest('hex');
      if (hash === this.#ruleSet) return;
      this.#ruleSet = hash;
      this.#files = files;
      this.#send({ type: 'rules', files });
      this.#options.onRules({ subject: 'rules', hash, count: files.length });
    } catch (error) {
      this.#options.print(`detect: cannot read the rules: ${String(error)}`);
    }
  }

  #send(request: WorkerRequest): void {
    const handed =
      request.type === 'rules' ? [] : [request.rows.bytes.buffer, request.rows.places.buffer];
    this.#worker.postMessage(request, handed);
  }
}

const REPLAY_NS = BigInt(DETECT_REPLAY_MS) * 1_000_000n;
const RETRY_MS = 1_000;
const WAIT_MS = 20;
/** Of a row that only tells about its session. */
const NO_LEAF = Buffer.alloc(32);

/**
 * Detection reads what happened in sessions, not what the log says of itself (LOG.md §2); a seal
 * tells it that a batch is whole.
 */
function isRead(row: RecordRow): boolean {
  return row.session !== OWN_SESSION || row.kind === 'seal';
}

function openRow({ session, opened }: OpenSession): LooseRow {
  return primeRow(session, JSON.stringify({ ...opened, kind: 'open', session }));
}

function primeRow(session: string, record: string): LooseRow {
  const place = { log: '', idx: -1, leaf: NO_LEAF, shim: SUPERVISOR_SHIM, vantage: '' };
  return { ...place, session, kind: 'open', record };
}
