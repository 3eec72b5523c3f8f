/**
 * Sends one batch and finds out what became of every alert in it: by halves where the destination
 * refuses it, after a confirmation where it only took it. Nothing is settled before its outcome.
 */
import {
  DEAD_LETTERS_MAX,
  DELIVERY_BATCH_DEAD_SHARE_MAX,
  DELIVERY_PASSED_ALERTS_MIN,
  DELIVERY_REFUSALS_MAX,
  DELIVERY_SLOW_MS,
} from '@vitrine/schema';
import type { ItemOutcome, Outcome } from '../contract.ts';
import type { Wire } from '../wire/wire.ts';
import { type BackoffOptions, type Breaker, type Health, retryWaitMs } from './backoff.ts';
import type { Confirmations } from './confirm.ts';
import type { OutcomeParts, Outcomes } from './outcomes.ts';
import type { Concurrency } from './pace.ts';
import type { Pauses } from './pauses.ts';
import type { Timers } from './timers.ts';
import type { Entry } from './window.ts';

export interface SenderParts extends OutcomeParts {
  outcomes: Outcomes;
  wire: Wire;
  timers: Timers;
  pauses: Pauses;
  breaker: Breaker;
  backoff: BackoffOptions;
  concurrency: Concurrency;
  confirmations: Confirmations;
  /** Of a stop that has waited long enough. */
  abort: AbortSignal;
  stopping(): boolean;
  /** Something may be due. */
  due(): void;
}

/** One batch, from its first request to its last outcome. */
interface Run {
  alerts: number;
  dead: number;
  /** What still has to be sent, in order. */
  pieces: Entry[][];
}

export class Sender {
  readonly #parts: SenderParts;
  #retries = 0;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** Times that an alert went out again. */
  get retries(): number {
    return this.#retries;
  }

  /** Never rejects; afterwards every alert is settled, held for its confirmation, or put back. */
  async send(entries: Entry[]): Promise<void> {
    const { window } = this.#parts;
    const run: Run = { alerts: entries.length, dead: 0, pieces: [entries] };
    for (let piece = run.pieces.shift(); piece !== undefined; piece = run.pieces.shift()) {
      // What was not settled comes first: nothing of its session may overtake it.
      const settled = await this.#sendPiece(piece, run);
      if (settled && this.#mayGoOn()) continue;
      for (const entry of run.pieces.flat()) window.putBack(entry, 0);
      return;
    }
  }

  #mayGoOn(): boolean {
    const { pauses, stopping, breaker, clock } = this.#parts;
    return !pauses.paused && !stopping() && breaker.admits(clock.monotonic());
  }

  /** `false` when something of it has to be sent again. */
  async #sendPiece(piece: Entry[], run: Run): Promise<boolean> {
    const { wire, abort, window } = this.#parts;
    const [first] = piece;
    if (first!.mistake !== undefined) {
      first!.attempts++;
      return this.#refuse(first!, `cannot be encoded: ${first!.mistake}`, run);
    }
    this.#retries += piece.filter((entry) => entry.attempts++ > 0).length;
    const attempt = Math.max(...piece.map(({ attempts }) => attempts));
    const items = piece.map(({ item }) => item!);
    const done = this.#begin(items.map(({ id }) => id));
    const outcome = await wire.send(items, attempt, abort);
    // Given up by our own stop: neither a failure nor an answer.
    const givenUp = outcome.kind === 'retry' && abort.aborted;
    if (!givenUp) {
      done(outcome);
      return this.#judge(piece, outcome, run);
    }
    for (const entry of piece) window.putBack(entry, 0);
    return false;
  }

  /** The answer tells breaker and concurrency how the destination does. */
  #begin(ids: string[]): (outcome: Outcome) => void {
    const { breaker, concurrency, clock, timers, name, log, due } = this.#parts;
    const trial = breaker.start(ids);
    const { round } = concurrency;
    const since = clock.monotonic();
    return (outcome) => {
      const now = clock.monotonic();
      const slow = now - since > DELIVERY_SLOW_MS;
      if (slow || asksForLess(outcome)) concurrency.failed(round);
      else if (outcome.kind !== 'pause') concurrency.succeeded();
      const waitMs = breaker.finish(trial, healthOf(outcome), now);
      if (waitMs === 0) return;
      log(`connector ${name}: does not answer, next try in ${waitMs} ms`);
      timers.later(waitMs, due);
    };
  }

  async #judge(piece: Entry[], outcome: Outcome, run: Run): Promise<boolean> {
    const { outcomes, window, pauses, confirmations } = this.#parts;
    switch (outcome.kind) {
      case 'ok':
        for (const entry of piece) await outcomes.accept(entry, outcome.answer);
        return true;
      case 'accepted':
        confirmations.hold(outcome.ticket, piece, outcome.answer);
        this.#holdBack(piece, run);
        return true;
      case 'partial':
        return this.#judgeEach(piece, outcome.items, outcome.answer, run);
      case 'retry':
        return this.#retry(piece, outcome, run);
      case 'split':
      case 'dead':
        if (piece.length === 1) return this.#refuse(piece[0]!, outcome.reason, run);
        outcomes.fail('split', outcome.reason);
        run.pieces.unshift(...parted(piece, outcome.kind === 'split' ? outcome.at : undefined));
        return true;
      default:
        outcomes.fail('pause', outcome.reason);
        for (const entry of piece) window.putBack(entry, 0);
        pauses.answersSay(outcome.reason);
        return false;
    }
  }

  /** What is taken may yet be lost: until it is safe, nothing of its sessions may overtake it. */
  #holdBack(taken: Entry[], run: Run): void {
    const sessions = new Set(taken.map(({ session }) => session));
    const waits = ({ session }: Entry): boolean => sessions.has(session);
    for (const entry of run.pieces.flat().filter(waits)) this.#parts.window.putBack(entry, 0);
    const rest = run.pieces.map((piece) => piece.filter((entry) => !waits(entry)));
    run.pieces = rest.filter((piece) => piece.length > 0);
  }

  async #judgeEach(
    piece: Entry[],
    said: ItemOutcome[],
    answer: string,
    run: Run,
  ): Promise<boolean> {
    const again: Entry[] = [];
    let why: Retry = { kind: 'retry', reason: 'the answer does not name it' };
    let settled = true;
    for (const [i, entry] of piece.entries()) {
      const one = said[i];
      if (one?.kind === 'ok') await this.#parts.outcomes.accept(entry, answer);
      else if (one?.kind === 'dead') {
        if (!(await this.#refuse(entry, one.reason, run))) settled = false;
      } else {
        again.push(entry);
        why = one ?? why;
      }
    }
    return again.length === 0 ? settled : this.#retry(again, why, run);
  }

  async #refuse(entry: Entry, reason: string, run: Run): Promise<boolean> {
    const { letters, outcomes, pauses } = this.#parts;
    if (!(await outcomes.refuse(entry, reason))) {
      this.#putOff([entry], undefined);
      return false;
    }
    run.dead++;
    const { refusals } = outcomes;
    const share = run.dead / run.alerts;
    if (refusals >= DELIVERY_REFUSALS_MAX) {
      pauses.answersSay(`${refusals} alerts in a row were refused; the last one: ${reason}`);
    } else if (run.dead >= DELIVERY_REFUSALS_MAX && share > DELIVERY_BATCH_DEAD_SHARE_MAX) {
      const shown = `${run.dead} of the ${run.alerts} alerts of one batch`;
      pauses.answersSay(`${shown} were refused; the last one: ${reason}`);
    } else if (letters.size >= DEAD_LETTERS_MAX) {
      pauses.answersSay(`${letters.size} dead letters wait`);
    }
    return true;
  }

  async #retry(piece: Entry[], retry: Retry, run: Run): Promise<boolean> {
    const { reason, afterMs, unreachable } = retry;
    const { window, outcomes, breaker } = this.#parts;
    const [first] = piece;
    const { passedBy } = first!;
    const blocks = unreachable !== true && piece.length === 1 && window.blocks(first!);
    if (blocks && passedBy >= DELIVERY_PASSED_ALERTS_MIN) {
      const given = `given up, ${passedBy} later ones were accepted: ${reason}`;
      return this.#refuse(first!, given, run);
    }
    outcomes.fail('retry', reason);
    // One of them may be what the destination fails at: smaller batches leave it alone in the end.
    if (afterMs === undefined && unreachable !== true && !breaker.open) {
      for (const entry of piece) entry.togetherMax = Math.ceil(piece.length / 2);
    }
    this.#putOff(piece, afterMs);
    return false;
  }

  /** What was taken and never confirmed. */
  again(piece: Entry[], reason: string): void {
    this.#parts.outcomes.fail('retry', reason);
    this.#putOff(piece, undefined);
  }

  #putOff(piece: Entry[], afterMs: number | undefined): void {
    const { clock, window, breaker, backoff, timers, due } = this.#parts;
    const now = clock.monotonic();
    const attempts = Math.max(...piece.map((entry) => entry.attempts));
    const waitMs = Math.max(retryWaitMs(attempts - 1, backoff), afterMs ?? 0);
    for (const entry of piece) window.putBack(entry, now + waitMs);
    if (afterMs !== undefined) breaker.hold(afterMs, now);
    timers.later(waitMs, due);
  }
}

type Retry = Outcome & { kind: 'retry' };

/** Halves; or what is before, at and after the one that the destination named. */
function parted(piece: Entry[], at: number | undefined): Entry[][] {
  const named = at !== undefined && Number.isInteger(at) && at >= 0 && at < piece.length;
  const half = Math.ceil(piece.length / 2);
  const parts = named
    ? [piece.slice(0, at), piece.slice(at, at + 1), piece.slice(at + 1)]
    : [piece.slice(0, half), piece.slice(half)];
  return parts.filter((part) => part.length > 0);
}

function asksForLess(outcome: Outcome): boolean {
  if (outcome.kind === 'partial') return outcome.items.some(({ kind }) => kind === 'retry');
  return outcome.kind === 'retry';
}

/** An answer of any kind shows a destination that works; one that asks for rest shows neither. */
function healthOf(outcome: Outcome): Health {
  if (outcome.kind === 'pause') return 'unknown';
  if (outcome.kind === 'partial') {
    return outcome.items.every(({ kind }) => kind === 'retry') ? 'fails' : 'answers';
  }
  if (outcome.kind !== 'retry') return 'answers';
  return outcome.afterMs === undefined ? 'fails' : 'unknown';
}
