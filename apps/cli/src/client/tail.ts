/** A tail that outlives its connection: taken up again behind the last row it gave. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isObject } from '@vitrine/schema';
import { CliError } from '../error.ts';
import { parseAnswer } from './refusal.ts';
import { linesOf, serverEvents } from './stream.ts';

const RECONNECT_MS = 500;

export interface Tailed {
  connect: (seen: { lastEventId?: string }) => Promise<AsyncIterable<Uint8Array>>;
  /** Whether the system is still there. */
  answers: () => Promise<boolean>;
  /** Leaf to begin behind; the end of the log unless given. */
  after: number | undefined;
  signal: AbortSignal;
}

/** Ends when `signal` says so, or with API_UNREACHABLE when the system is gone. */
export async function* tailOf<T>({ connect, answers, after, signal }: Tailed): AsyncGenerator<T> {
  let last = after;
  while (!signal.aborted) {
    try {
      const bytes = await connect(last === undefined ? {} : { lastEventId: String(last) });
      for await (const message of serverEvents(linesOf(bytes))) {
        if (message.event === 'ready') last ??= sizeOf(message.data) - 1;
        if (message.event !== 'record') continue;
        last = Number(message.id);
        yield parseAnswer(message.data) as T;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof CliError && error.code !== 'API_UNREACHABLE') throw error;
      await sleep(RECONNECT_MS);
      if (!(await answers())) throw error;
    }
    await sleep(RECONNECT_MS);
  }
}

/** The size of the tree a tail begins at. */
function sizeOf(ready: string): number {
  const message = parseAnswer(ready);
  return isObject(message) && typeof message.size === 'number' ? message.size : 0;
}
