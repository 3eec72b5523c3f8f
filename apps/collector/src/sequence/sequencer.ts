/**
 * The single writer of one log: takes what is durable in the queue, plans a batch, commits it, and
 * tells those who wait. Owns `LogState`; relies on the journal for order and on the intent store
 * for there never being two of it.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import {
  BATCH_INPUT_BYTES_MAX,
  BATCH_RECORDS_MAX,
  CodedError,
  OTLP_RECORDS_MAX,
  SEAL_IDLE_CLOSED_MS,
  SEAL_IDLE_OPEN_MS,
  SEAL_INTERVAL_MS_MIN,
} from '@vitrine/schema';
import type { RecordRow } from '@vitrine/store';
import { CollectorError } from '../error.ts';
import { type CommitTarget, commitBatch } from '../insert/commit.ts';
import { type BatchRows, toRows } from '../insert/row.ts';
import type { Figures } from '../metrics/figures.ts';
import type { PageEntry } from '../queue/entry.ts';
import type { Journal } from '../queue/journal.ts';
import { type AlertInput, applyAlert } from './alert.ts';
import { applyEntry } from './apply.ts';
import { BatchDraft } from './draft.ts';
import { closeIdle } from './idle.ts';
import type { PublishedNote } from './intents.ts';
import { type Batch, planBatch } from './plan.ts';
import type { Recovered } from './recover.ts';
import { isRepeat, type Standing, standingAt } from './standing.ts';
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
  /** Called between two batches, and behind the last one: the state stands still meanwhile. */
  onSettled?: (state: LogState, ends: boolean) => Promise<void>;
  /** The writer cannot go on: another one has taken over, or the state is not ours any more. */
  onFatal: (error: unknown) => void;
}

/** Entries taken at a time, at least one. */
const TAKE_BYTES = 1_048_576;
/** Whatever one entry more brings, the batch stays within its limit. */
const BATCH_FULL = BATCH_RECORDS_MAX - OTLP_RECORDS_MAX;
/** LOG.md §3: seals at least ten times the cost of the last one apart. */
const SEAL_COST_FACTOR = 10;
const RETRY_MS_FIRST = 100;
const RETRY_MS_MAX = 5_000;
/** Senders wait for the thread as well: a batch is filled in pieces of so much time. */
const THREAD_MS_MAX = 5;
const NS_PER_MS = 1_000_000n;
const NS_PER_S = 1e9;
const MS_PER_S = 1_000;

interface Input {
  bytes: number;
  /** Host clock at the receipt of its first entry, unix nanoseconds. */
  oldest: string | undefined;
}

export class Sequencer {
  readonly #options: SequencerOptions;
  #alerts: AlertInput[] = [];
  #detectedTo: number;
  #wake: () => void = () => {};
  #stopping = false;
  #done: Promise<void> | undefined;
  #published: PublishedNote | null = null;
  #evidence: EvidenceTree | null = null;
  #sealed: number;
  /** Nothing is known yet of what the store has: the first batch is read back (LOG.md §3). */
  #unverified = true;
  #lastSealAtMs = 0;
  #sealCostMs = 0;

  /** `recovered` is where the log stands after a start. */
  constructor(options: SequencerOptions, recovered: Recovered) {
    this.#options = options;
    this.#published = recovered.published;
    this.#evidence = recovered.evidence;
    this.#detectedTo = options.state.consumed.detect;
    this.#sealed = options.state.consumed.journal;
    options.journal.onReady(() => this.#wake());
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
    this.#alerts.push(...alerts);
    this.#detectedTo = Math.max(this.#detectedTo, index);
    if (alerts.length > 0) this.#wake();
  }

  async #run(): Promise<void> {
    const { state, onSettled } = this.#options;
    try {
      while (await this.#workWaits()) {
        if (!(await this.#sealOnce())) return;
        await onSettled?.(state, false);
      }
      await onSettled?.(state, true);
    } catch (error) {
      this.#options.onFatal(error);
    }
  }

  /** Resolves `true` when a batch is due, `false` when stopped with nothing left. */
  async #workWaits(): Promise<boolean> {
    for (;;) {
      const { journal, state } = this.#options;
      const waits = journal.waitingEntries > 0 || this.#alerts.length > 0 || state.days.waits;
      const sinceMs = performance.now() - this.#lastSealAtMs;
      const gapMs = Math.max(SEAL_INTERVAL_MS_MIN, SEAL_COST_FACTOR * this.#sealCostMs);
      if (waits && (sinceMs >= gapMs || this.#stopping)) return true;
      if (this.#stopping) return false;
      const idleMs = state.sessions.size > 0 ? SEAL_IDLE_OPEN_MS : SEAL_IDLE_CLOSED_MS;
      if (sinceMs >= idleMs) return true;
      await this.#sleepUntilWoken(waits ? gapMs - sinceMs : idleMs - sinceMs);
    }
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

  /** `false` when it was stopped before the batch was whole: the next start finishes it. */
  async #sealOnce(): Promise<boolean> {
    this.#lastSealAtMs = performance.now();
    const { state, clock, target, onPublished } = this.#options;
    const draft = new BatchDraft(state, this.#options.salt);
    const input = await this.#fill(draft);
    if (input === null) return false;
    const planStart = performance.now();
    const { batch, heads } = planBatch(draft, clock.nowNs());
    this.#sealCostMs = performance.now() - planStart;
    await nextTurn();
    const rows = toRows(target.tenant, batch);
    await nextTurn();
    const commitStart = performance.now();
    const note = await this.#commit(batch, rows);
    if (note === null) return false;
    this.#report(batch, input, commitStart);
    this.#published = note;
    this.#sealed = state.consumed.journal;
    if (heads !== null) this.#evidence = { note, heads };
    target.intents.forget(note.size);
    onPublished(rows.records, note);
    return true;
  }

  #report(batch: Batch, { bytes, oldest }: Input, commitStart: number): void {
    const { figures, clock } = this.#options;
    figures.published({
      records: batch.rows.length,
      bytes,
      sealSeconds: this.#sealCostMs / MS_PER_S,
      commitSeconds: (performance.now() - commitStart) / MS_PER_S,
      waitedSeconds:
        oldest === undefined ? undefined : Number(clock.nowNs() - BigInt(oldest)) / NS_PER_S,
    });
  }

  /**
   * Takes what waits, up to a batch's worth of records and bytes; the rest is the next batch's.
   * `null` when it was stopped before it could.
   */
  async #fill(draft: BatchDraft): Promise<Input | null> {
    const { state, journal, clock } = this.#options;
    let bytes = 0;
    let oldest: string | undefined;
    let since = performance.now();
    while (draft.count < BATCH_FULL && bytes < BATCH_INPUT_BYTES_MAX) {
      const items = journal.take(TAKE_BYTES);
      if (items.length === 0) break;
      for (const item of items) {
        if (performance.now() - since > THREAD_MS_MAX) {
          await nextTurn();
          since = performance.now();
        }
        const standing = isRepeat(draft, item.entry)
          ? await this.#standingAt(draft, item.entry)
          : undefined;
        if (standing === null) return null;
        applyEntry(draft, item.entry, standing);
        oldest ??= item.entry.observed;
        state.consumed.journal = item.position + 1;
        bytes += item.bytes;
      }
    }
    closeIdle(draft, clock.nowNs());
    const alerts = this.#alerts;
    this.#alerts = [];
    for (const alert of alerts) applyAlert(draft, alert, String(clock.nowNs()));
    state.consumed.detect = this.#detectedTo;
    return { bytes, oldest };
  }

  /** Asks until the store answers; `null` when it was stopped meanwhile: nothing is decided yet. */
  async #standingAt(draft: BatchDraft, entry: PageEntry): Promise<Standing | null> {
    const { target, log } = this.#options;
    for (let retryMs = RETRY_MS_FIRST; ; retryMs = Math.min(RETRY_MS_MAX, retryMs * 2)) {
      try {
        return await standingAt(draft, entry, target.store);
      } catch (error) {
        if (this.#stopping) return null;
        log(`sequencer: ${entry.chain} is not compared yet: ${String(error)}`);
        await sleep(retryMs);
      }
    }
  }

  /**
   * From the intent on the batch is decided: the store is asked again until it has it. A second
   * writer ends this, and a stop: then the next start finishes what was decided.
   */
  async #commit(planned: Batch, rows: BatchRows): Promise<PublishedNote | null> {
    const { target, log } = this.#options;
    let decided = false;
    let retryMs = RETRY_MS_FIRST;
    for (let attempt = 0; ; attempt++) {
      try {
        if (!decided) await target.intents.decide(planned);
        decided = true;
        const note = await commitBatch(target, planned, rows, this.#unverified);
        this.#unverified = false;
        return note;
      } catch (error) {
        if (error instanceof CollectorError && error.code === 'WRITER_SUPERSEDED') throw error;
        this.#unverified = true;
        this.#options.figures.retried();
        const reason = reasonOf(error);
        if (this.#stopping && attempt > 0) {
          log(`sequencer: batch ${planned.first} is left to the next start: ${reason}`);
          return null;
        }
        log(`sequencer: batch ${planned.first} waits: ${reason}; trying again in ${retryMs} ms`);
        await sleep(retryMs);
        retryMs = Math.min(RETRY_MS_MAX, retryMs * 2);
      }
    }
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof CodedError)) return error instanceof Error ? error.message : String(error);
  return `${error.code}: ${error.message}${error.hint === '' ? '' : `; ${error.hint}`}`;
}

export function hostClock(now: () => number): Clock {
  return { nowNs: () => BigInt(now()) * NS_PER_MS };
}
