/**
 * Follows the collector's live tail: reconnects by itself with the index it has seen, so that
 * nothing is missed, and says at any time how the connection is. Read with `fetch` rather than
 * EventSource, which hides why it was refused.
 */
import type { EventItem, TailReady } from '@vitrine/schema/api';
import { ApiFailure, apiUrl, asFailure, failureOf, pageFailure } from '../api/client.ts';
import { textsOf } from '../api/text-stream.ts';
import { EventReader } from './sse.ts';

export type TailState =
  | { state: 'connecting' }
  | { state: 'live' }
  /** It was cut and is tried again at `retryAtMs`. */
  | { state: 'lost'; failure: ApiFailure; retryAtMs: number }
  /** It was refused: trying again is of no use. */
  | { state: 'refused'; failure: ApiFailure };

export interface TailOptions {
  session?: string;
  kinds?: string[];
  vantages?: string[];
  q?: string;
  /** The last index the page has; without it only what is new comes. */
  after?: number;
  /** Rows in index order, as many as came at once. */
  onRecords(items: EventItem[]): void;
  onState?(state: TailState): void;
  /** The published size when the connection was made: what came before it is in the store. */
  onReady?(size: number): void;
  /** For tests. */
  fetch?: typeof fetch;
}

const RETRY_MS_FIRST = 500;
const RETRY_MS_MAX = 10_000;
/** The collector says something every 15 s; silence for longer means a dead connection. */
const SILENCE_MS_MAX = 40_000;

/** Starts following; the answer ends it. */
export function followTail(options: TailOptions): () => void {
  const stop = new AbortController();
  void follow(options, stop.signal);
  return () => stop.abort();
}

async function follow(options: TailOptions, stopped: AbortSignal): Promise<void> {
  const place = { after: options.after };
  let failures = 0;
  while (!stopped.aborted) {
    options.onState?.({ state: 'connecting' });
    try {
      await connect(options, place, stopped, () => {
        failures = 0;
      });
    } catch (error) {
      if (stopped.aborted) return;
      const failure = asFailure(error);
      if (failure.status >= 400 && failure.status < 500 && failure.status !== 429) {
        options.onState?.({ state: 'refused', failure });
        return;
      }
      const pause = Math.min(RETRY_MS_MAX, RETRY_MS_FIRST * 2 ** failures);
      failures += 1;
      options.onState?.({ state: 'lost', failure, retryAtMs: Date.now() + pause });
      await sleep(pause, stopped);
    }
  }
}

async function connect(
  options: TailOptions,
  place: { after: number | undefined },
  stopped: AbortSignal,
  onLive: () => void,
): Promise<void> {
  const silence = new AbortController();
  const signal = AbortSignal.any([stopped, silence.signal]);
  let timer = setTimeout(() => silence.abort(), SILENCE_MS_MAX);
  try {
    const answer = await (options.fetch ?? fetch)(tailUrl(options, place.after), {
      signal,
      cache: 'no-store',
      credentials: 'same-origin',
      headers: { accept: 'text/event-stream' },
    });
    if (!answer.ok || answer.body === null) throw await failureOf(answer);
    const reader = new EventReader();
    for await (const text of textsOf(answer.body)) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS_MAX);
      take(reader.read(text), options, place, onLive);
    }
    throw pageFailure('TAIL_CUT');
  } catch (error) {
    throw error instanceof ApiFailure ? error : pageFailure('TAIL_CUT');
  } finally {
    clearTimeout(timer);
  }
}

function take(
  events: ReturnType<EventReader['read']>,
  options: TailOptions,
  place: { after: number | undefined },
  onLive: () => void,
): void {
  const items: EventItem[] = [];
  for (const { event, data } of events) {
    if (event === 'ready') {
      const { size } = JSON.parse(data) as TailReady;
      // From here on a cut is continued, even when nothing has come yet.
      place.after ??= size - 1;
      onLive();
      options.onState?.({ state: 'live' });
      options.onReady?.(size);
    } else if (event === 'record') {
      const item = JSON.parse(data) as EventItem;
      place.after = Math.max(place.after ?? -1, item.index);
      items.push(item);
    }
  }
  if (items.length > 0) options.onRecords(items);
}

function tailUrl(options: TailOptions, after: number | undefined): string {
  return apiUrl('/v1/tail', {
    session: options.session,
    kind: options.kinds?.join(','),
    vantage: options.vantages?.join(','),
    q: options.q,
    after,
  });
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
