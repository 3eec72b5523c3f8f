/**
 * Brings every alert to one destination at least once, in order within its session. The order of
 * steps is send, outcome, position: a crash between them repeats an alert under the same id and
 * never loses one.
 */
import {
  DEAD_LETTERS_MAX,
  DELIVERY_CONCURRENT_MAX,
  DELIVERY_PAGE_ALERTS_MAX,
  DELIVERY_PASSED_ALERTS_MIN,
  DELIVERY_REFUSALS_MAX,
  DELIVERY_WINDOW_ALERTS_MAX,
} from '@vitrine/schema';
import type { Outcome } from '../contract.ts';
import type { Wire } from '../wire/send.ts';
import { type BackoffOptions, Breaker, retryWaitMs, type Trial } from './backoff.ts';
import type { Delivery, DeliverySource, DeliveryStatus, DeliveryTiming } from './contract.ts';
import type { DeadLetter } from './dead-letters.ts';
import type { OutcomeParts, Outcomes } from './outcomes.ts';
import type { Entry } from './window.ts';

export interface DelivererParts extends OutcomeParts {
  outcomes: Outcomes;
  type: string;
  source: DeliverySource;
  wire: Wire;
  random: () => number;
  timing: DeliveryTiming;
}

const NS_IN_MS = 1_000_000n;

export class Deliverer implements Delivery {
  readonly #parts: DelivererParts;
  readonly #outcomes: Outcomes;
  readonly #breaker: Breaker;
  readonly #backoff: BackoffOptions;
  /** Aborts what is under way when a stop has waited long enough. */
  readonly #abort = new AbortController();
  /** Requests under way, each with its bookkeeping. */
  readonly #flights = new Set<Promise<void>>();
  /** What a stop takes back. */
  readonly #timers = new Set<() => void>();
  #filling: Promise<void> | undefined;
  /** The source may have more than was read. */
  #unread = true;
  #paused = false;
  #cancelPause: () => void = () => {};
  #stopping = false;
  #stopped: Promise<void> | undefined;

  constructor(parts: DelivererParts) {
    this.#parts = parts;
    this.#outcomes = parts.outcomes;
    const { retryMsMin, retryMsMax } = parts.timing;
    this.#backoff = { retryMsMin, retryMsMax, random: parts.random };
    this.#breaker = new Breaker(this.#backoff);
    this.#poll();
  }

  wake(): void {
    this.#unread = true;
    this.#read();
  }

  status(): DeliveryStatus {
    const { name, type, window, letters, clock } = this.#parts;
    const { delivered, failed, lastError } = this.#outcomes;
    const { waiting } = window;
    const oldest = waiting[0] && Number(BigInt(waiting[0].alert.t) / NS_IN_MS);
    return {
      name,
      type,
      state: this.#state(),
      cursor: window.cursor,
      lag: waiting.length,
      lagMs: oldest === undefined ? 0 : Math.max(0, clock.now() - oldest),
      delivered,
      failed,
      dead: letters.size,
      lastError: lastError?.reason ?? null,
      lastErrorAt: lastError?.at ?? null,
    };
  }

  deadLetters(): DeadLetter[] {
    return this.#parts.letters.list();
  }

  async replay(wanted: string[] | 'all'): Promise<{ queued: number; missing: string[] }> {
    const { letters, source, window } = this.#parts;
    const ids = wanted === 'all' ? letters.list().map(({ id }) => id) : [...new Set(wanted)];
    const missing: string[] = [];
    let queued = 0;
    for (const id of ids.slice(0, DELIVERY_WINDOW_ALERTS_MAX)) {
      const letter = letters.get(id);
      const [alert] = letter === undefined ? [] : await source.read(letter.index - 1, 1);
      if (alert?.id !== id) missing.push(id);
      else if (window.addReplay(alert)) queued++;
    }
    this.#send();
    return { queued, missing };
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  #state(): DeliveryStatus['state'] {
    if (this.#stopping) return 'stopped';
    if (this.#paused) return 'paused';
    return this.#breaker.open ? 'retrying' : 'running';
  }

  /** The safety net under `wake`, and the moment a paused connector looks at its secrets. */
  #poll(): void {
    if (this.#paused && this.#parts.wire.secretsChanged()) this.#resume('a secret has changed');
    this.wake();
    this.#send();
    this.#later(this.#parts.timing.pollMs, () => this.#poll());
  }

  #read(): void {
    if (this.#stopping || !this.#unread) return;
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = undefined;
    });
  }

  /** Reads as long as there is room and something to read. */
  async #fill(): Promise<void> {
    const { source, window } = this.#parts;
    try {
      while (this.#unread && window.room > 0 && !this.#stopping) {
        this.#unread = false;
        const limit = Math.min(window.room, DELIVERY_PAGE_ALERTS_MAX);
        const alerts = await source.read(window.readTo, limit);
        window.add(alerts);
        if (alerts.length === limit) this.#unread = true;
        this.#send();
      }
    } catch (error) {
      this.#outcomes.trouble('cannot read alerts', error);
    }
  }

  #send(): void {
    const { window, clock, receipts } = this.#parts;
    while (!this.#paused && !this.#stopping) {
      if (this.#flights.size >= DELIVERY_CONCURRENT_MAX || receipts.full) return;
      const now = clock.monotonic();
      const entry = this.#breaker.admits(now) ? window.take(now) : undefined;
      if (entry === undefined) return;
      const flight = this.#attempt(entry, this.#breaker.start(entry.alert.id)).finally(() => {
        this.#flights.delete(flight);
        this.#send();
        this.#read();
      });
      this.#flights.add(flight);
    }
  }

  async #attempt(entry: Entry, trial: Trial): Promise<void> {
    const { wire, clock, window, log, name } = this.#parts;
    const answer = await wire.send(entry.alert, this.#abort.signal);
    const outcome = oneOf(answer);
    // Given up by our own stop: neither a failure nor an answer.
    if (outcome.kind === 'retry' && this.#abort.signal.aborted) return window.putBack(entry, 0);
    const waitMs = this.#breaker.finish(trial, healthOf(outcome), clock.monotonic());
    if (waitMs > 0) {
      log(`connector ${name}: does not answer, next try in ${waitMs} ms`);
      this.#later(waitMs, () => this.#send());
    }
    switch (outcome.kind) {
      case 'ok':
        return this.#outcomes.accept(entry, outcome.answer);
      case 'dead':
        return this.#refuse(entry, outcome.reason);
      case 'retry':
        return this.#retry(entry, outcome.reason, outcome.afterMs);
      case 'split':
        return this.#refuse(entry, outcome.reason);
      default:
        this.#outcomes.fail(outcome.reason);
        window.putBack(entry, 0);
        this.#pause(outcome.reason);
    }
  }

  async #refuse(entry: Entry, reason: string): Promise<void> {
    const { letters } = this.#parts;
    const set = await this.#outcomes.refuse(entry, reason);
    const { refusals } = this.#outcomes;
    if (!set) this.#putOff(entry, undefined);
    else if (refusals >= DELIVERY_REFUSALS_MAX) {
      this.#pause(`${refusals} alerts in a row were refused; the last one: ${reason}`);
    } else if (letters.size >= DEAD_LETTERS_MAX) this.#pause(`${letters.size} dead letters wait`);
  }

  async #retry(entry: Entry, reason: string, afterMs: number | undefined): Promise<void> {
    const { passedBy } = entry;
    if (this.#parts.window.blocks(entry) && passedBy >= DELIVERY_PASSED_ALERTS_MIN) {
      return this.#refuse(entry, `given up, ${passedBy} later ones were accepted: ${reason}`);
    }
    this.#outcomes.fail(reason);
    this.#putOff(entry, afterMs);
  }

  #putOff(entry: Entry, afterMs: number | undefined): void {
    const { clock, window } = this.#parts;
    const now = clock.monotonic();
    const waitMs = Math.max(retryWaitMs(entry.attempts - 1, this.#backoff), afterMs ?? 0);
    window.putBack(entry, now + waitMs);
    if (afterMs !== undefined) this.#breaker.hold(afterMs, now);
    this.#later(waitMs, () => this.#send());
  }

  #pause(reason: string): void {
    if (this.#paused) return;
    const { name, log, timing } = this.#parts;
    this.#paused = true;
    log(`connector ${name}: paused: ${reason}`);
    this.#cancelPause = this.#later(timing.pauseMs, () => this.#resume('it is time to try again'));
  }

  #resume(why: string): void {
    const { name, log } = this.#parts;
    this.#cancelPause();
    this.#paused = false;
    this.#breaker.probeFirst();
    log(`connector ${name}: goes on: ${why}`);
    this.#send();
  }

  /** A timer that a stop takes back; a millisecond late, because timers may be early. */
  #later(ms: number, run: () => void): () => void {
    if (this.#stopping) return () => {};
    const stopTimer = this.#parts.clock.after(ms + 1, () => {
      this.#timers.delete(cancel);
      run();
    });
    const cancel = (): void => {
      this.#timers.delete(cancel);
      stopTimer();
    };
    this.#timers.add(cancel);
    return cancel;
  }

  async #stop(): Promise<void> {
    const { wire, receipts, letters, position, timing, clock } = this.#parts;
    this.#stopping = true;
    for (const cancel of this.#timers) cancel();
    const cancelAbort = clock.after(timing.stopMs, () => this.#abort.abort());
    const late = whenAborted(this.#abort.signal);
    await Promise.race([this.#filling, late]);
    while (this.#flights.size > 0) await Promise.all(this.#flights);
    receipts.stop();
    await Promise.race([receipts.flush(), late]);
    cancelAbort();
    await position.save().catch((error: unknown) => {
      this.#outcomes.trouble('cannot keep the position', error);
    });
    await letters.close();
    await wire.close();
  }
}

/** Of a request with one alert. */
function oneOf(outcome: Outcome): Exclude<Outcome, { kind: 'accepted' | 'partial' }> {
  if (outcome.kind === 'accepted') return { kind: 'retry', reason: 'it is not confirmed' };
  if (outcome.kind !== 'partial') return outcome;
  const [first] = outcome.items;
  return first === undefined || first.kind === 'ok' ? { ...outcome, kind: 'ok' } : first;
}

/** An answer of any kind shows a destination that works; one that asks for rest shows neither. */
function healthOf(outcome: Outcome): 'answers' | 'fails' | 'unknown' {
  if (outcome.kind === 'pause') return 'unknown';
  if (outcome.kind !== 'retry') return 'answers';
  return outcome.afterMs === undefined ? 'fails' : 'unknown';
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => signal.addEventListener('abort', () => done(), { once: true }));
}
