/**
 * The sink and the log of one sandbox come by different ways, and their readers may be late. A call
 * of the log waits until the sink has come as far, for working directories are told there; and a
 * call that both should tell is looked for in the sink, for the sentry is silent, and counts
 * nothing, where a name is no UTF-8.
 *
 * A thread writes a call to the log and sends its message at once, before it does anything else: of
 * its messages the first after the log's line is that call's, or the sentry was silent.
 */
import { SHIM_HELD_CALLS_MAX, SHIM_HELD_MESSAGES_MAX, SHIM_PROCESSES_MAX } from '@vitrine/schema';
import { BoundedMap } from '../adapter/bounded.ts';
import type { Meant } from './call-reader.ts';
import { type LoggedCall, TOLD_TWICE } from './log-line.ts';

export type Told = 'open' | 'exec' | 'connect';

/** A message of the sink; `sort` where the log has the same. */
export interface Message {
  tid: number;
  /** Unix nanoseconds. */
  t: bigint;
  sort: Told | undefined;
}

export type Reader = (call: LoggedCall) => Meant | undefined;

export interface Advance {
  /** What the log alone tells. */
  meant: Meant[];
  /** How many of them the sink should have told. */
  silent: number;
}

interface Suspect {
  t: bigint;
  sort: Told;
  meant: Meant | undefined;
}

interface Thread {
  messages: Message[];
  suspects: Suspect[];
}

const NOTHING: Advance = { meant: [], silent: 0 };

export class Order {
  /** In order; the first `#done` of them are dealt with. */
  #waiting: LoggedCall[] = [];
  #done = 0;
  readonly #threads = new BoundedMap<number, Thread>(SHIM_PROCESSES_MAX);
  /** Those with suspects. */
  readonly #open = new Set<Thread>();
  /** Of those, the ones that have spoken since: the others have nothing new to be judged by. */
  readonly #spoken = new Set<Thread>();
  #suspects = 0;
  /** How far the log has been read. */
  #logTime = 0n;

  /** What has waited too long is given out without the sink: it may be away. */
  hold(call: LoggedCall, read: Reader): Advance {
    const t = BigInt(call.t);
    if (t > this.#logTime) this.#logTime = t;
    this.#waiting.push(call);
    if (this.#held <= SHIM_HELD_CALLS_MAX) return NOTHING;
    return this.#release(0n, this.#logTime, read, SHIM_HELD_CALLS_MAX / 2);
  }

  get #held(): number {
    return this.#waiting.length - this.#done;
  }

  /** The sink has told something, and so has come to its time. `read`: what a call means now. */
  advance(message: Message, read: Reader): Advance {
    const thread = this.#thread(message.tid);
    thread.messages.push(message);
    if (thread.messages.length > SHIM_HELD_MESSAGES_MAX) thread.messages.shift();
    if (thread.suspects.length > 0) this.#spoken.add(thread);
    return this.#release(message.t, this.#logTime, read);
  }

  /** The input is quiet at `now`: calls need not wait. `isLate`: what was not told will not be. */
  idle(now: bigint, isLate: boolean, read: Reader): Advance {
    return this.#release(undefined, isLate ? undefined : now, read);
  }

  /** Nothing more will come. */
  end(read: Reader): Advance {
    return this.#release(undefined, undefined, read);
  }

  /**
   * `sinkTime`, `logTime`: how far each has come; `undefined` where no more will come. `most`: so
   * many may go on waiting.
   */
  #release(
    sinkTime: bigint | undefined,
    logTime: bigint | undefined,
    read: Reader,
    most = SHIM_HELD_CALLS_MAX,
  ): Advance {
    const meant: Meant[] = [];
    while (this.#held > 0) {
      const call = this.#waiting[this.#done]!;
      const isDue = sinkTime === undefined || BigInt(call.t) < sinkTime;
      if (!isDue && this.#held <= most) break;
      this.#done++;
      const means = read(call);
      const sort = TOLD_TWICE[call.name];
      if (sort !== undefined) this.#suspect(call, sort, means);
      else if (means !== undefined) meant.push(means);
    }
    this.#forget();
    const due = logTime === undefined ? this.#open : this.#spoken;
    const silent = [...due].flatMap((thread) => this.#judge(thread, logTime));
    for (const thread of this.#open) {
      if (this.#suspects <= SHIM_HELD_CALLS_MAX) break;
      silent.push(...this.#judge(thread, logTime));
    }
    return { meant: [...meant, ...silent], silent: silent.length };
  }

  /** Now and then: to move the rest up for each one would cost the square of a flood. */
  #forget(): void {
    if (this.#done <= SHIM_HELD_CALLS_MAX && this.#held > 0) return;
    this.#waiting = this.#waiting.slice(this.#done);
    this.#done = 0;
  }

  #suspect({ tid, t }: LoggedCall, sort: Told, meant: Meant | undefined): void {
    const thread = this.#thread(tid);
    thread.suspects.push({ t: BigInt(t), sort, meant });
    this.#open.add(thread);
    if (thread.messages.length > 0) this.#spoken.add(thread);
    this.#suspects++;
  }

  #judge(thread: Thread, logTime: bigint | undefined): Meant[] {
    const { messages, suspects } = thread;
    const silent: Meant[] = [];
    while (suspects.length > 0) {
      const { t, sort, meant } = suspects[0]!;
      while (messages.length > 0 && messages[0]!.t <= t) messages.shift();
      const [first] = messages;
      const isKnown = first !== undefined && (logTime === undefined || first.t < logTime);
      if (!isKnown && logTime !== undefined && this.#suspects <= SHIM_HELD_CALLS_MAX) break;
      suspects.shift();
      this.#suspects--;
      const next = suspects[0];
      const isNextOne = next !== undefined && first !== undefined && next.t < first.t;
      if (isKnown && first.sort === sort && !isNextOne) messages.shift();
      else if (meant !== undefined) silent.push(meant);
    }
    if (suspects.length === 0) this.#open.delete(thread);
    if (suspects.length === 0 || messages.length === 0) this.#spoken.delete(thread);
    return silent;
  }

  #thread(tid: number): Thread {
    const known = this.#threads.get(tid);
    if (known !== undefined) return known;
    const thread: Thread = { messages: [], suspects: [] };
    this.#threads.set(tid, thread);
    return thread;
  }
}
