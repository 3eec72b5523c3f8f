/**
 * Brings every alert to one destination at least once, in order within its session. The order of
 * steps is send, outcome, position: a crash between them repeats an alert under the same id and
 * never loses one.
 */
import { DELIVERY_PAGE_ALERTS_MAX, DELIVERY_WINDOW_ALERTS_MAX } from '@vitrine/schema';
import type { ConnectorItem, DeadLetter, DropAnswer, ReplayAnswer } from '@vitrine/schema/api';
import { oneLine } from '../classify.ts';
import type { Delivery } from './contract.ts';
import { assemble, type Engine, type EngineParts } from './engine.ts';
import { statusOf } from './status.ts';

export class Deliverer implements Delivery {
  readonly #parts: EngineParts;
  readonly #engine: Engine;
  /** Batches under way, each with its bookkeeping. */
  readonly #flights = new Set<Promise<void>>();
  #filling: Promise<void> | undefined;
  /** The source may have more than was read. */
  #unread = true;
  /** A batch waits for company, or for its turn at a bounded rate. */
  #waiting = false;
  #stopping = false;
  #stopped: Promise<void> | undefined;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#engine = assemble(parts, {
      due: () => this.#send(),
      stopping: () => this.#stopping,
    });
    this.#poll();
  }

  wake(): void {
    this.#unread = true;
    this.#read();
  }

  status(): ConnectorItem {
    const state = this.#stopping ? 'stopped' : undefined;
    return statusOf(this.#parts, this.#engine, { state, inFlight: this.#flights.size });
  }

  deadLetters(): DeadLetter[] {
    return this.#parts.letters.list();
  }

  async replay(wanted: string[] | 'all'): Promise<ReplayAnswer> {
    const { letters, source, window, clock } = this.#parts;
    const missing: string[] = [];
    let queued = 0;
    for (const id of this.#idsOf(wanted).slice(0, DELIVERY_WINDOW_ALERTS_MAX)) {
      const letter = letters.get(id);
      const [alert] = letter === undefined ? [] : await source.read(letter.index - 1, 1);
      if (alert?.id !== id) missing.push(id);
      else if (window.addReplay(alert, clock.monotonic())) queued++;
    }
    this.#send();
    return { queued, missing };
  }

  async drop(wanted: string[] | 'all', reason: string): Promise<DropAnswer> {
    const { letters, window, clock, log, name } = this.#parts;
    const missing: string[] = [];
    let dropped = 0;
    for (const id of this.#idsOf(wanted)) {
      if (letters.get(id) === undefined) {
        missing.push(id);
        continue;
      }
      await letters.drop(id, `${clock.now()}000000`, reason);
      window.dropReplay(id);
      dropped++;
    }
    // Alerts of their sessions may have waited behind them.
    this.#send();
    if (dropped > 0) log(`connector ${name}: ${dropped} dead letters dropped: ${oneLine(reason)}`);
    return { dropped, missing };
  }

  async pause(reason: string): Promise<void> {
    this.#engine.pauses.personSays(oneLine(reason));
    await this.#parts.position.save();
  }

  async resume(): Promise<void> {
    this.#engine.pauses.personResumes();
    await this.#parts.position.save();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  #idsOf(wanted: string[] | 'all'): string[] {
    const { letters } = this.#parts;
    return wanted === 'all' ? letters.list().map(({ id }) => id) : [...new Set(wanted)];
  }

  /** The safety net under `wake`, and the moment a paused connector looks at its secrets. */
  #poll(): void {
    const { wire, timing } = this.#parts;
    const { pauses, timers } = this.#engine;
    if (pauses.by === 'answers' && wire.secretsChanged()) pauses.tryAgain('a secret has changed');
    this.wake();
    this.#send();
    timers.later(timing.pollMs, () => this.#poll());
  }

  #read(): void {
    if (this.#stopping || !this.#unread) return;
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = undefined;
    });
  }

  /** Reads as long as there is room and something to read: a dead one read again has a receipt. */
  async #fill(): Promise<void> {
    const { source, window, clock, outcomes, receipts } = this.#parts;
    try {
      while (this.#unread && window.room > 0 && !receipts.full && !this.#stopping) {
        this.#unread = false;
        const limit = Math.min(window.room, DELIVERY_PAGE_ALERTS_MAX);
        const alerts = await source.read(window.readTo, limit);
        // The stop did not wait for it: the files are closed.
        if (this.#engine.aborter.signal.aborted) return;
        const added = window.add(alerts, clock.monotonic());
        for (const entry of added) outcomes.keepDead(entry);
        if (alerts.length === limit) this.#unread = true;
        this.#send();
      }
    } catch (error) {
      outcomes.trouble('cannot read alerts', error);
    }
  }

  #send(): void {
    const { window, clock } = this.#parts;
    const { breaker, batcher, rate, sender } = this.#engine;
    while (this.#mayStart()) {
      const now = clock.monotonic();
      const paced = rate?.waitMs(now) ?? 0;
      // A probe is as small as can be: it is about the destination, not about the alerts.
      const alertsMax = breaker.open ? 1 : Number.POSITIVE_INFINITY;
      const { entries, waitMs } = batcher.next(window, now, alertsMax);
      if (entries.length === 0) return;
      if (paced > 0 || waitMs > 0) {
        this.#wait(Math.max(paced, waitMs));
        return;
      }
      window.start(entries);
      rate?.spend(entries.length);
      const flight = sender.send(entries).finally(() => {
        this.#flights.delete(flight);
        this.#send();
        this.#read();
      });
      this.#flights.add(flight);
    }
  }

  #mayStart(): boolean {
    const { receipts, clock } = this.#parts;
    const { pauses, breaker, concurrency } = this.#engine;
    if (this.#stopping || pauses.paused || receipts.full) return false;
    return this.#flights.size < concurrency.limit && breaker.admits(clock.monotonic());
  }

  #wait(ms: number): void {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#engine.timers.later(ms, () => {
      this.#waiting = false;
      this.#send();
    });
  }

  async #stop(): Promise<void> {
    const { wire, receipts, letters, position, timing, clock, outcomes } = this.#parts;
    const { confirmations, timers, aborter } = this.#engine;
    this.#stopping = true;
    timers.stop();
    const cancelAbort = clock.after(timing.stopMs, () => aborter.abort());
    const late = whenAborted(aborter.signal);
    await Promise.race([this.#filling, late]);
    while (this.#flights.size > 0) await Promise.all(this.#flights);
    // What is confirmed by now is not sent again by the next start.
    await Promise.race([confirmations.poll(), late]);
    receipts.stop();
    await Promise.race([receipts.flush(), late]);
    cancelAbort();
    await position.save().catch((error: unknown) => {
      outcomes.trouble('cannot keep the position', error);
    });
    await letters.close();
    await wire.close();
  }
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => signal.addEventListener('abort', () => done(), { once: true }));
}
