/**
 * The sink and the log of one sandbox come by different ways. A call of the log waits until the
 * sink has come as far, for working directories are told there; and a call that both should tell is
 * held against it, for the sentry is silent, and counts nothing, where a name is no UTF-8.
 */
import { SHIM_HELD_CALLS_MAX, SHIM_PROCESSES_MAX } from '@vitrine/schema';
import { BoundedMap } from '../adapter/bounded.ts';
import type { Meant } from './call-reader.ts';
import { type LoggedCall, TOLD_TWICE } from './log-line.ts';

type Told = 'open' | 'exec' | 'connect';

/** How far behind the log the sink may be. */
const SINK_LATE_NS = 100_000_000n;

interface Suspect {
  key: string;
  t: bigint;
  meant: Meant;
}

export class Order {
  readonly #waiting: LoggedCall[] = [];
  readonly #suspects: Suspect[] = [];
  /** Calls the sink has told and the log not yet, by thread and sort of call. */
  readonly #told = new BoundedMap<string, number>(SHIM_PROCESSES_MAX);

  hold(call: LoggedCall): void {
    this.#waiting.push(call);
  }

  /** The sink has told a call that the log has as well. */
  tell(tid: number, sort: Told): void {
    const key = `${tid}:${sort}`;
    this.#told.set(key, (this.#told.get(key) ?? 0) + 1);
  }

  /**
   * The sink has come to `t`; without one, all that is held is let go. `read`: what a call means
   * now. Returns calls that the log alone can tell, and how many of them the sink kept silent on.
   */
  advance(
    t: bigint | undefined,
    read: (call: LoggedCall) => Meant | undefined,
  ): { meant: Meant[]; silent: number } {
    const meant: Meant[] = [];
    while (this.#waiting.length > 0) {
      const call = this.#waiting[0]!;
      const isDue = t === undefined || BigInt(call.t) < t;
      if (!isDue && this.#waiting.length <= SHIM_HELD_CALLS_MAX) break;
      this.#waiting.shift();
      const sort = TOLD_TWICE[call.name];
      const means = read(call);
      if (sort !== undefined) this.#suspect(`${call.tid}:${sort}`, call, means);
      else if (means !== undefined) meant.push(means);
    }
    const silent = this.#judge(t);
    return { meant: [...meant, ...silent], silent: silent.length };
  }

  #suspect(key: string, { t }: LoggedCall, meant: Meant | undefined): void {
    if (meant !== undefined) this.#suspects.push({ key, t: BigInt(t), meant });
    else this.#isTold(key);
  }

  #judge(t: bigint | undefined): Meant[] {
    const silent: Meant[] = [];
    while (this.#suspects.length > 0) {
      const { key, t: at, meant } = this.#suspects[0]!;
      const isDue = t === undefined || at + SINK_LATE_NS < t;
      if (!isDue && this.#suspects.length <= SHIM_HELD_CALLS_MAX) break;
      this.#suspects.shift();
      if (!this.#isTold(key)) silent.push(meant);
    }
    return silent;
  }

  #isTold(key: string): boolean {
    const told = this.#told.get(key) ?? 0;
    if (told > 1) this.#told.set(key, told - 1);
    else this.#told.delete(key);
    return told > 0;
  }
}
