/**
 * The alerts of one connector that are in memory: in the log's order for the cursor, and in one
 * lane for each session for sending. A lane's head blocks its own lane and nothing else.
 */
import { DELIVERY_WINDOW_ALERTS_MAX } from '@vitrine/schema';
import type { DeliverableAlert, Item } from '../contract.ts';

export interface Entry {
  alert: DeliverableAlert;
  session: string;
  state: 'waiting' | 'sending' | 'settled';
  /** Encoded; or why it cannot be. Neither before it is its turn. */
  item: Item | undefined;
  mistake: string | undefined;
  /** A dead letter sent again: the cursor passed it long ago. */
  replay: boolean;
  attempts: number;
  /** A request that carries it has so many alerts at most. */
  togetherMax: number;
  /** Monotonic milliseconds, as is `notBefore`. */
  queuedAt: number;
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

  /** What the source answered; whatever it repeats is ignored. Answers what is to be sent. */
  add(alerts: DeliverableAlert[], now: number): Entry[] {
    const added: Entry[] = [];
    for (const alert of alerts) {
      if (alert.index <= this.#readTo) continue;
      this.#readTo = alert.index;
      const entry = entryOf(alert, false, now);
      this.#entries.push(entry);
      if (this.#ahead.has(alert.index)) entry.state = 'settled';
      else {
        this.#queue(entry);
        added.push(entry);
      }
    }
    this.#advance();
    return added;
  }

  /** `false`, and nothing changed, when a replay of this alert is already on its way. */
  addReplay(alert: DeliverableAlert, now: number): boolean {
    const lane = this.#lanes.get(sessionOf(alert)) ?? [];
    if (lane.some((entry) => entry.replay && entry.alert.id === alert.id)) return false;
    this.#queue(entryOf(alert, true, now));
    return true;
  }

  /** The replay of an alert is not wanted any more; one that is on its way goes on. */
  dropReplay(id: string): void {
    const all = [...this.#lanes.values()].flat();
    const waits = ({ replay, state, alert }: Entry): boolean => {
      return replay && state === 'waiting' && alert.id === id;
    };
    for (const entry of all.filter(waits)) this.settle(entry, false);
  }

  /** Each in order; a lane whose head is not waiting is held. */
  lanes(): Iterable<readonly Entry[]> {
    return this.#lanes.values();
  }

  /** They go out; the turn of their lanes comes after all others. */
  start(entries: Entry[]): void {
    for (const entry of entries) {
      entry.state = 'sending';
      const lane = this.#lanes.get(entry.session)!;
      this.#lanes.delete(entry.session);
      this.#lanes.set(entry.session, lane);
    }
  }

  /** To be sent again; its place in its lane it never lost. */
  putBack(entry: Entry, notBefore: number): void {
    entry.state = 'waiting';
    entry.notBefore = notBefore;
  }

  /** Done with; `accepted` says that the destination has it. */
  settle(entry: Entry, accepted: boolean): void {
    entry.state = 'settled';
    const lane = this.#lanes.get(entry.session)!;
    lane.splice(lane.indexOf(entry), 1);
    if (lane.length === 0) this.#lanes.delete(entry.session);
    if (accepted) this.#countPassed(entry);
    if (entry.replay) return;
    this.#ahead.add(entry.alert.index);
    this.#advance();
  }

  /**
   * Whether the window is full because of this entry alone: everything else in it is settled, but
   * for what waits behind it in its lane. When others wait as well, it is the destination. A replay
   * is in no window, and can fill it with its lane all the same.
   */
  blocks(entry: Entry): boolean {
    if (this.room > 0 || (!entry.replay && entry !== this.#entries[0])) return false;
    return this.waiting.every(({ session }) => session === entry.session);
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

function entryOf(alert: DeliverableAlert, replay: boolean, now: number): Entry {
  return {
    alert,
    session: sessionOf(alert),
    state: 'waiting',
    item: undefined,
    mistake: undefined,
    replay,
    attempts: 0,
    togetherMax: Number.POSITIVE_INFINITY,
    queuedAt: now,
    notBefore: 0,
    passedBy: 0,
  };
}

/** The session an alert is about; all that name none share a lane. */
function sessionOf({ row, record: { subject } }: DeliverableAlert): string {
  if (row !== undefined) return row.session;
  return typeof subject === 'string' ? subject : '';
}
