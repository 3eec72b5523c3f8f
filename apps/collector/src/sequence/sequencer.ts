/**
 * The single writer of one log: takes what is durable in the queue, plans a batch, commits it, and
 * tells those who wait. While the store takes one batch it makes the next, which is decided only
 * when the one before is published. Owns `LogState`; relies on the journal for order and on the
 * intent store for there never being two of it.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Head } from '@vitrine/chain';
import {
  BATCH_ALERTS_MAX,
  SEAL_IDLE_CLOSED_MS,
  SEAL_IDLE_OPEN_MS,
  SEAL_INTERVAL_MS_MIN,
} from '@vitrine/schema';
import type { RecordRow } from '@vitrine/store';
import type { CommitTarget } from '../insert/commit.ts';
import { type BatchRows, toRows } from '../insert/row.ts';
import type { Figures } from '../metrics/figures.ts';
import type { Journal } from '../queue/journal.ts';
import { type AlertInput, addFindings, applyAlert, type Findings, takeFindings } from './alert.ts';
import { Committer } from './committer.ts';
import { Filling } from './fill.ts';
import { closeIdle } from './idle.ts';
import type { PublishedNote } from './intents.ts';
import { type OverlapSteps, PUBLISHED, sealOn } from './overlap.ts';
import { type Batch, planBatch } from './plan.ts';
import type { Recovered } from './recover.ts';
import type { Snapshots } from './snapshot.ts';
import type { EvidenceTree, LogState } from './state.ts';

export interface Clock {
  nowNs(): bigint;
}

export interface SequencerOptions {
  state: LogState;
  journal: Journal;
  target: CommitTarget;
  clock: Clock;
  salt: () => Buffer;
  figures: Figures;
  log: (line: string) => void;
  /** Called after each publication, in order, with the rows that became visible. */
  onPublished: (rows: RecordRow[], note: PublishedNote) => void;
  snapshots?: Pick<Snapshots, 'due' | 'settled'>;
  /** The writer cannot go on: another one has taken over, or the state is not ours any more. */
  onFatal: (error: unknown) => void;
}

/** LOG.md §3: seals at least ten times the cost of the last one apart. */
const SEAL_COST_FACTOR = 10;
const NS_PER_MS = 1_000_000n;
const NS_PER_S = 1e9;
const MS_PER_S = 1_000;

/** A batch that only has to be committed. */
interface Made {
  batch: Batch;
  rows: BatchRows;
  heads: Head[] | null;
  /** Of the queue that it is made of: its bytes, the receipt of its first entry, where it ends. */
  bytes: number;
  oldest: string | undefined;
  consumed: number;
  planMs: number;
}

export class Sequencer {
  readonly #options: SequencerOptions;
  readonly #committer: Committer;
  /** In the order in which detection read; one for each stretch of the log. */
  #findings: Findings[] = [];
  #wake: () => void = () => {};
  #stopping = false;
  #done: Promise<void> | undefined;
  #published: PublishedNote | null = null;
  #evidence: EvidenceTree | null = null;
  #sealed: number;
  #lastSealAtMs = 0;
  #sealCostMs = 0;

  /** `recovered` is where the log stands after a start. */
  constructor(options: SequencerOptions, recovered: Recovered) {
    this.#options = options;
    this.#published = recovered.published;
    this.#evidence = recovered.evidence;
    this.#sealed = options.state.consumed.journal;
    options.journal.onReady(() => this.#wake());
    const { target, log, figures } = options;
    const stopping = (): boolean => this.#stopping;
    this.#committer = new Committer({ target, log, stopping, onRetry: () => figures.retried() });
  }

  get published(): PublishedNote | null {
    return this.#published;
  }

  /** Queue position that the published log has consumed. */
  get sealed(): number {
    return this.#sealed;
  }

  /** The newest published tree whose seal has heads. */
  get evidence(): EvidenceTree | null {
    return this.#evidence;
  }

  start(): void {
    this.#done = this.#run();
  }

  /** Seals what waits, then stops. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#done;
  }

  /** Resolves when the published log has everything that is in the queue now, or after `msMax`. */
  async caughtUp(msMax = Number.POSITIVE_INFINITY): Promise<void> {
    const target = this.#options.journal.next;
    const until = performance.now() + msMax;
    while (this.#sealed < target && !this.#stopping && performance.now() < until) {
      await sleep(SEAL_INTERVAL_MS_MIN);
    }
  }

  /** Takes the alerts of detection, which has read the log up to `index` (exclusive). */
  detected(alerts: AlertInput[], index: number): void {
    addFindings(this.#findings, alerts, index);
    if (alerts.length > 0) this.#wake();
  }

  async #run(): Promise<void> {
    const { state, snapshots } = this.#options;
    const steps: OverlapSteps<Made> = {
      make: (before) => this.#make(before),
      commit: (made) => this.#commit(made),
      rests: () => snapshots?.due(state) ?? false,
    };
    try {
      while (await this.#workWaits()) {
        if (!(await sealOn(steps))) return;
        await snapshots?.settled(state, false);
      }
      await snapshots?.settled(state, true);
    } catch (error) {
      this.#options.onFatal(error);
    }
  }

  /** Resolves `true` when a batch is due, `false` when stopped with nothing left. */
  async #workWaits(): Promise<boolean> {
    for (;;) {
      const { journal, state } = this.#options;
      const waits =
        journal.waitingEntries > 0 ||
        this.#findings.some(({ alerts }) => alerts.length > 0) ||
        state.days.waits;
      if (waits && this.#dueInMs <= 0) return true;
      if (this.#stopping) return false;
      const idleMs = state.sessions.size > 0 ? SEAL_IDLE_OPEN_MS : SEAL_IDLE_CLOSED_MS;
      const idleInMs = this.#lastSealAtMs + idleMs - performance.now();
      if (idleInMs <= 0) return true;
      await this.#sleepUntilWoken(waits ? this.#dueInMs : idleInMs);
    }
  }

  /** How long the next seal has to wait for the last one's sake; not at all when it stops. */
  get #dueInMs(): number {
    if (this.#stopping) return 0;
    const gapMs = Math.max(SEAL_INTERVAL_MS_MIN, SEAL_COST_FACTOR * this.#sealCostMs);
    return this.#lastSealAtMs + gapMs - performance.now();
  }

  async #sleepUntilWoken(ms: number): Promise<void> {
    const timer = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([woken, sleep(ms, undefined, { signal: timer.signal }).catch(() => {})]);
    timer.abort();
    this.#wake = () => {};
  }

  async #commit(made: Made): Promise<boolean> {
    const started = performance.now();
    const note = await this.#committer.commit(made.batch, made.rows);
    if (note !== null) this.#publish(made, note, started);
    return note !== null;
  }

  #publish(made: Made, note: PublishedNote, commitStart: number): void {
    const { figures, clock, target, onPublished } = this.#options;
    const { batch, rows, heads, bytes, oldest, consumed } = made;
    figures.published({
      records: batch.rows.length,
      bytes,
      sealSeconds: made.planMs / MS_PER_S,
      commitSeconds: (performance.now() - commitStart) / MS_PER_S,
      waitedSeconds:
        oldest === undefined ? undefined : Number(clock.nowNs() - BigInt(oldest)) / NS_PER_S,
    });
    this.#published = note;
    this.#sealed = consumed;
    if (heads !== null) this.#evidence = { note, heads };
    target.intents.forget(note.size);
    onPublished(rows.records, note);
  }

  /**
   * Makes the next batch while the one `before` is committed: takes what comes until it is full, or
   * until it is its turn. `undefined` when nothing has come by then, `null` when it was stopped.
   */
  async #make(before: Promise<boolean>): Promise<Made | null | undefined> {
    const { state, journal, salt, log } = this.#options;
    const { store } = this.#options.target;
    const stopping = (): boolean => this.#stopping;
    const filling = new Filling({ state, journal, store, salt, log, stopping, before });
    const first = before === PUBLISHED;
    let turn = first ? true : (undefined as boolean | undefined);
    void before.then((published) => {
      turn = published;
      this.#wake();
    });
    while ((await filling.take()) && turn !== false) {
      const waitMs = this.#dueInMs;
      if (waitMs <= 0 && (turn || filling.full)) {
        return filling.empty && !first ? undefined : await this.#plan(filling);
      }
      await this.#sleepUntilWoken(waitMs > 0 ? waitMs : SEAL_IDLE_OPEN_MS);
    }
    return null;
  }

  async #plan(filling: Filling): Promise<Made> {
    const { state, clock, target } = this.#options;
    const { draft, bytes, oldest } = filling;
    filling.leave();
    closeIdle(draft, clock.nowNs());
    for (const { alerts, to } of takeFindings(this.#findings, BATCH_ALERTS_MAX)) {
      for (const alert of alerts) applyAlert(draft, alert, String(clock.nowNs()));
      state.consumed.detect = Math.max(state.consumed.detect, to);
    }
    const planStart = performance.now();
    this.#lastSealAtMs = planStart;
    const { batch, heads, sealMs } = planBatch(draft, clock.nowNs());
    const planMs = performance.now() - planStart;
    this.#sealCostMs = sealMs;
    await nextTurn();
    const rows = toRows(target.tenant, batch);
    const consumed = state.consumed.journal;
    await nextTurn();
    return { batch, rows, heads, bytes, oldest, consumed, planMs };
  }
}

export function hostClock(now: () => number): Clock {
  return { nowNs: () => BigInt(now()) * NS_PER_MS };
}
