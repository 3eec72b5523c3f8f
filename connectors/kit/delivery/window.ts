/**
 * The alerts of one connector that are in memory: in the log's order for the cursor, and in one
 * lane for each session for sending. A lane's head blocks its own lane and nothing else.
 */
import { DELIVERY_WINDOW_ALERTS_MAX } from '@vitrine/schema';
import type { DeliverableAlert } from '../contract.ts';

export interface Entry {
  alert: DeliverableAlert;
  session: string;
  state: 'waiting' | 'sending' | 'settled';
  /** A dead letter sent again: the cursor passed it long ago. */
  replay: boolean;
  attempts: number;
  /** Monotonic milliseconds. */
  notBefore: number;
  /** Later alerts that were accepted since this one first failed. */
  passedBy: number;
}

export class Window {
  #cursor: number;
  /** Settled beyond the cursor. */
  readonly #ahead: Set<number>;
  /** What was read and is not behind the cursor, ascending. */
  readonly #entries: Entry[] = [];
  /** Unsettled, in order; the lane that was tried longest ago comes first. */
  readonly #lanes = new Map<string, Entry[]>();
  /** Index up to which the source was read. */
  #readTo: number;

  constructor(cursor: number, ahead: number[]) {
    this.#cursor = cursor;
    this.#readTo = cursor;
    this.#ahead = new Set(ahead);
  }

  get cursor(): number {
    return this.#cursor;
  }

  get ahead(): number[] {
    return [...this.#ahead];
  }

  get readTo(): number {
    return this.#readTo;
  }

  /** How many more alerts may be read. */
  get room(): number {
    return DELIVERY_WINDOW_ALERTS_MAX - this.#entries.length;
  }

  /** Not yet settled, oldest first; replays are not among them. */
  get waiting(): Entry[] {
    return this.#entries.filter((entry) => entry.state !== 'settled');
  }

  /** What the source answered; whatever it repeats is ignored. */
  add(alerts: DeliverableAlert[]): void {
    for (const alert of alerts) {
      if (alert.index <= this.#readTo) continue;
      this.#readTo = alert.index;
      const entry = entryOf(alert, false);
      this.#entries.push(entry);
      if (this.#ahead.has(alert.index)) entry.state = 'settled';
      else this.#queue(entry);
    }
    this.#advance();
  }

  /** `false`, and nothing changed, when a replay of this alert is already on its way. */
  addReplay(alert: DeliverableAlert): boolean {
    const lane = this.#lanes.get(sessionOf(alert)) ?? [];
    if (lane.some((entry) => entry.replay && entry.alert.id === alert.id)) return false;
    this.#queue(entryOf(alert, true));
    return true;
  }

  /** The head to send next, marked as sending; `undefined` when none is due. */
  take(now: number): Entry | undefined {
    for (const [session, lane] of this.#lanes) {
      const head = lane[0]!;
      if (head.state !== 'waiting' || head.notBefore > now) continue;
      this.#lanes.delete(session);
      this.#lanes.set(session, lane);
      head.state = 'sending';
      head.attempts++;
      return head;
    }
    return undefined;
  }

  /** Back to the head of its lane. */
  putBack(entry: Entry, notBefore: number): void {
    entry.state = 'waiting';
    entry.notBefore = notBefore;
  }

  /** Done with; `accepted` says that the destination has it. */
  settle(entry: Entry, accepted: boolean): void {
    entry.state = 'settled';
    const lane = this.#lanes.get(entry.session)!;
    lane.shift();
    if (lane.length === 0) this.#lanes.delete(entry.session);
    if (accepted) this.#countPassed(entry);
    if (entry.replay) return;
    this.#ahead.add(entry.alert.index);
    this.#advance();
  }

  /** Whether the window is full because of this entry alone. */
  blocks(entry: Entry): boolean {
    return this.room <= 0 && entry === this.#entries[0];
  }

  #countPassed(accepted: Entry): void {
    for (const lane of this.#lanes.values()) {
      const head = lane[0]!;
      if (head.attempts > 0 && head.alert.index < accepted.alert.index) head.passedBy++;
    }
  }

  #queue(entry: Entry): void {
    const lane = this.#lanes.get(entry.session);
    if (lane === undefined) this.#lanes.set(entry.session, [entry]);
    else lane.push(entry);
  }

  #advance(): void {
    let settled = 0;
    for (const { state, alert } of this.#entries) {
      if (state !== 'settled') break;
      this.#cursor = alert.index;
      settled++;
    }
    if (settled === 0) return;
    this.#entries.splice(0, settled);
    for (const index of this.#ahead) if (index <= this.#cursor) this.#ahead.delete(index);
  }
}

function entryOf(alert: DeliverableAlert, replay: boolean): Entry {
  const session = sessionOf(alert);
  return { alert, session, state: 'waiting', replay, attempts: 0, notBefore: 0, passedBy: 0 };
}

/** The session an alert is about; all that name none share a lane. */
function sessionOf(alert: DeliverableAlert): string {
  const { subject } = alert.record;
  return typeof subject === 'string' ? subject : '';
}
