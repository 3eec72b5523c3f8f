/**
 * Those who wait for something to read. Woken when a checkpoint covers a record of their stream:
 * nothing is asked of the store for checkpoints that have none, nor by pollers who have read all.
 */
import { PULL_WAITERS_MAX } from '@vitrine/schema';
import { PULL_STREAMS, type PullStream } from '@vitrine/schema/api';
import type { RecordRow } from '@vitrine/store';
import { ApiError } from '../api/errors.ts';
import type { Tail } from '../api/tail.ts';
import { OWN_SESSION } from '../sequence/state.ts';

const SHIMS: Record<string, PullStream> = { alert: 'alerts', audit: 'access', seal: 'checkpoints' };
const RETRY_SECONDS = 5;

export class Waiters {
  readonly #waiting = new Map<symbol, { stream: PullStream; wake: () => void }>();
  /** Leaf of the last record of each stream; of what was published before: unknown. */
  readonly #last: Map<PullStream, number>;

  /** `size`: that of the published log by now. */
  constructor(tail: Pick<Tail, 'follow'>, size: number) {
    this.#last = new Map(PULL_STREAMS.map((stream) => [stream, size - 1]));
    tail.follow({
      isOwn: true,
      take: (rows) => {
        const last = lastOf(rows);
        for (const [stream, idx] of last) this.#last.set(stream, idx);
        this.#wake(last);
        return true;
      },
      end: () => this.#wake(new Map(PULL_STREAMS.map((stream) => [stream, 0]))),
    });
  }

  /** `false` where no record of the stream is at this leaf or behind it. */
  mayHave(stream: PullStream, leaf: number): boolean {
    return leaf <= this.#last.get(stream)!;
  }

  /** Refuses who would be one too many. */
  check(): void {
    if (this.#waiting.size < PULL_WAITERS_MAX) return;
    const message = `${PULL_WAITERS_MAX} consumers wait already`;
    throw new ApiError('PULL_LIMITED', message, undefined, { retryAfterSeconds: RETRY_SECONDS });
  }

  /** Resolves at the first new record of the stream, after `ms`, or when `signal` says so. */
  async wait(stream: PullStream, ms: number, signal: AbortSignal): Promise<void> {
    this.check();
    if (signal.aborted) return;
    const key = Symbol(stream);
    let wake = (): void => {};
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const timer = setTimeout(wake, ms);
    signal.addEventListener('abort', wake);
    this.#waiting.set(key, { stream, wake });
    try {
      await woken;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      this.#waiting.delete(key);
    }
  }

  #wake(streams: ReadonlyMap<PullStream, number>): void {
    for (const { stream, wake } of this.#waiting.values()) if (streams.has(stream)) wake();
  }
}

/** The last leaf of each stream that has one. */
function lastOf(rows: readonly RecordRow[]): Map<PullStream, number> {
  const last = new Map<PullStream, number>();
  for (let i = rows.length - 1; i >= 0 && last.size < PULL_STREAMS.length; i--) {
    const { session, shim, idx } = rows[i]!;
    const stream = session === OWN_SESSION ? SHIMS[shim] : 'events';
    if (stream !== undefined && !last.has(stream)) last.set(stream, idx);
  }
  return last;
}
