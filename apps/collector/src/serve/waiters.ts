/**
 * Those who wait for something to read. Woken when a checkpoint covers a record of their stream:
 * nothing is asked of the store for checkpoints that have none.
 */
import { PULL_WAITERS_MAX } from '@vitrine/schema';
import type { RecordRow } from '@vitrine/store';
import { STREAMS, type Stream } from '../access/may.ts';
import { ApiError } from '../api/errors.ts';
import type { Tail } from '../api/tail.ts';
import { OWN_SESSION } from '../sequence/state.ts';

const SHIMS: Record<string, Stream> = { alert: 'alerts', audit: 'access', seal: 'checkpoints' };
const RETRY_SECONDS = 5;

export class Waiters {
  readonly #waiting = new Map<symbol, { stream: Stream; wake: () => void }>();

  constructor(tail: Pick<Tail, 'follow'>) {
    tail.follow({
      isOwn: true,
      take: (rows) => {
        if (this.#waiting.size > 0) this.#wake(streamsOf(rows));
        return true;
      },
      end: () => this.#wake(new Set(STREAMS)),
    });
  }

  /** Refuses who would be one too many. */
  check(): void {
    if (this.#waiting.size < PULL_WAITERS_MAX) return;
    const message = `${PULL_WAITERS_MAX} consumers wait already`;
    throw new ApiError('PULL_LIMITED', message, undefined, { retryAfterSeconds: RETRY_SECONDS });
  }

  /** Resolves at the first new record of the stream, after `ms`, or when `signal` says so. */
  async wait(stream: Stream, ms: number, signal: AbortSignal): Promise<void> {
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

  #wake(streams: ReadonlySet<Stream>): void {
    for (const { stream, wake } of this.#waiting.values()) if (streams.has(stream)) wake();
  }
}

function streamsOf(rows: readonly RecordRow[]): Set<Stream> {
  const found = new Set<Stream>();
  for (const { session, shim } of rows) {
    if (session !== OWN_SESSION) found.add('events');
    else if (SHIMS[shim] !== undefined) found.add(SHIMS[shim]);
    if (found.size === STREAMS.length) break;
  }
  return found;
}
