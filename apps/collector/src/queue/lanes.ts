/**
 * Who may put how much into the queue: each sender has a lane of its own, and what is beyond its
 * share waits in it, before it is durable and before it is acknowledged. So nobody ever waits for
 * more than one share of each of the others, and a flood slows down who sends it.
 */
import {
  LANE_ALONE_BYTES_MAX,
  LANE_ALONE_MS,
  LANE_SHARED_BYTES_MAX,
  LANE_WAIT_MS_MAX,
  LANE_WAITING_BYTES_MAX,
} from '@vitrine/schema';
import { CollectorError } from '../error.ts';
import type { BrokenEntry, Entry, PageEntry, PushEntry } from './entry.ts';

interface Waiting {
  bytes: number;
  admit: () => void;
  /** The queue is closed before its turn, or that does not come in time. */
  refuse: (error: CollectorError) => void;
  /** Whether its sender goes away after a time, and must hear before that. */
  hurried: boolean;
}

interface Lane {
  /** Admitted, and in no batch yet that is made: so a batch has one share of each. */
  bytes: number;
  waiting: (Waiting & { sinceMs: number })[];
  waitingBytes: number;
}

/** How often those who wait are looked at. */
const CHECK_MS = 500;

/** As much of an entry as says who sent it. */
export type Sent =
  | Pick<PushEntry, 'kind' | 'principal'>
  | Pick<PageEntry | BrokenEntry, 'kind' | 'session'>
  | { kind: Exclude<Entry['kind'], 'push' | 'page' | 'broken'> };

/** Whose input an entry is; `undefined` for what the collector itself says, which never waits. */
export function laneOf(entry: Sent): string | undefined {
  if (entry.kind === 'push') return `push ${entry.principal}`;
  if (entry.kind === 'page' || entry.kind === 'broken') return `pull ${entry.session}`;
  return undefined;
}

export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  readonly #nowMs: () => number;
  /** Who came last, and when that was last another one. */
  #last: string | undefined;
  #changedAtMs = Number.NEGATIVE_INFINITY;
  #waitingBytes = 0;
  /** Runs while anybody waits. */
  #timer: NodeJS.Timeout | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Of all lanes, before their turn. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Throws QUEUE_FULL where one sender has too much waiting. */
  assertRoom(name: string, bytes: number): void {
    const waiting = this.#lanes.get(name)?.waitingBytes ?? 0;
    if (waiting === 0 || waiting + bytes <= LANE_WAITING_BYTES_MAX) return;
    throw queueFull('too much of this sender waits already');
  }

  /** `admit` is called when it is the entry's turn: at once where the lane has room. */
  enter(name: string, entry: Waiting): void {
    if (this.#last !== undefined && this.#last !== name) this.#changedAtMs = this.#nowMs();
    this.#last = name;
    const lane = this.#lane(name);
    lane.waiting.push({ ...entry, sinceMs: this.#nowMs() });
    lane.waitingBytes += entry.bytes;
    this.#waitingBytes += entry.bytes;
    this.#admit(lane);
    if (lane.waiting.length > 0) this.#timer ??= setInterval(() => this.refuseLate(), CHECK_MS);
  }

  /** Who has waited for `LANE_WAIT_MS_MAX` comes again; what is behind it keeps its place. */
  refuseLate(): void {
    const lateMs = this.#nowMs() - LANE_WAIT_MS_MAX;
    for (const lane of this.#lanes.values()) {
      const late = lane.waiting.findIndex(({ sinceMs, hurried }) => sinceMs > lateMs || !hurried);
      for (const { bytes, refuse } of lane.waiting.splice(
        0,
        late < 0 ? lane.waiting.length : late,
      )) {
        lane.waitingBytes -= bytes;
        this.#waitingBytes -= bytes;
        refuse(queueFull('what is before it was not sealed in time'));
      }
    }
    if (this.#waitingBytes === 0) this.#stopTimer();
  }

  /** The batch of an entry of this lane is made, or it was not kept. */
  leave(name: string, bytes: number): void {
    const lane = this.#lanes.get(name);
    if (lane === undefined) return;
    lane.bytes -= bytes;
    this.#admit(lane);
    if (lane.bytes <= 0 && lane.waiting.length === 0) this.#lanes.delete(name);
  }

  /** Read back at a start: durable already. */
  resume(name: string, bytes: number): void {
    this.#lane(name).bytes += bytes;
  }

  /** Whoever waits is refused with `error`. */
  close(error: CollectorError): void {
    for (const { waiting } of this.#lanes.values()) for (const { refuse } of waiting) refuse(error);
    this.#lanes.clear();
    this.#stopTimer();
  }

  #stopTimer(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #lane(name: string): Lane {
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const lane: Lane = { bytes: 0, waiting: [], waitingBytes: 0 };
    this.#lanes.set(name, lane);
    return lane;
  }

  /** In their order: a chain's pages must not overtake each other. */
  #admit(lane: Lane): void {
    const alone = this.#nowMs() - this.#changedAtMs > LANE_ALONE_MS;
    const share = alone ? LANE_ALONE_BYTES_MAX : LANE_SHARED_BYTES_MAX;
    let count = 0;
    for (const { bytes, admit } of lane.waiting) {
      if (lane.bytes > 0 && lane.bytes + bytes > share) break;
      count++;
      lane.bytes += bytes;
      lane.waitingBytes -= bytes;
      this.#waitingBytes -= bytes;
      admit();
    }
    lane.waiting.splice(0, count);
  }
}

export function queueFull(message: string): CollectorError {
  const hint = 'send again in a second; nothing of this request was kept';
  return new CollectorError('QUEUE_FULL', message, hint);
}
