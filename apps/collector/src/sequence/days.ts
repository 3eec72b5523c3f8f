/**
 * The last record of every chain that had one on the day in progress, and the days that are over
 * and wait for a seal that commits to theirs (LOG.md §3, Day). Days are those of the seals' own
 * times, in UTC; the clock is an argument.
 */
import type { Head } from '@vitrine/chain';
import { DAY_SEALS_MISSED_MAX } from '@vitrine/schema';

const NS_PER_MS = 1_000_000n;
const MS_PER_DAY = 86_400_000;

export interface DayHeads {
  /** `YYYY-MM-DD` */
  day: string;
  heads: Head[];
}

export class DayLedger {
  /** Of the newest seal; `null` before the first one. */
  #day: string | null;
  #heads: Map<string, Head>;
  readonly #due: DayHeads[];

  constructor(today: DayHeads | null = null, due: DayHeads[] = []) {
    this.#day = today?.day ?? null;
    this.#heads = new Map(today?.heads.map((head) => [head.chain, head]));
    this.#due = [...due];
  }

  /** The day of the newest seal, so far. */
  get today(): DayHeads | null {
    return this.#day === null ? null : { day: this.#day, heads: [...this.#heads.values()] };
  }

  /** Days that are over and have no seal yet, the oldest first. */
  get due(): readonly DayHeads[] {
    return this.#due;
  }

  /** A day that is over has no seal yet. */
  get waits(): boolean {
    return this.#due.length > 0;
  }

  /** The batch that is being sealed, at `tNs`, has brought these records of chains. */
  take(tNs: bigint, heads: Head[]): void {
    const day = dayOf(tNs);
    if (this.#day !== null && this.#day !== day) {
      this.#due.push({ day: this.#day, heads: [...this.#heads.values()] });
      for (const missed of daysBetween(this.#day, day)) this.#due.push({ day: missed, heads: [] });
      this.#heads.clear();
    }
    this.#day = day;
    for (const head of heads) this.#heads.set(head.chain, head);
  }

  /** The oldest day that is over and has no seal: it must go into the next one. */
  next(): DayHeads | undefined {
    return this.#due.shift();
  }
}

/** The UTC day of a time in unix nanoseconds. */
export function dayOf(tNs: bigint): string {
  return new Date(Number(tNs / NS_PER_MS)).toISOString().slice(0, 10);
}

/** Midnight at which a day begins, unix nanoseconds. */
export function midnightNs(day: string): bigint {
  return BigInt(Date.parse(day)) * NS_PER_MS;
}

export function dayAfter(day: string): string {
  return new Date(Date.parse(day) + MS_PER_DAY).toISOString().slice(0, 10);
}

/** The days after `from` and before `to`; the newest ones where they are too many. */
export function daysBetween(from: string, to: string): string[] {
  const end = Date.parse(to);
  const oldest = end - DAY_SEALS_MISSED_MAX * MS_PER_DAY;
  const days: string[] = [];
  for (let at = Math.max(Date.parse(from) + MS_PER_DAY, oldest); at < end; at += MS_PER_DAY) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}
