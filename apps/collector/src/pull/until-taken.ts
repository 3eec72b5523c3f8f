/** A full or unwritable queue makes a puller wait: the relay keeps what is not acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import { OPP_RETRY_MS_FIRST, OPP_RETRY_MS_MAX } from '@vitrine/schema';
import { CollectorError } from '../error.ts';
import type { Entry } from '../queue/entry.ts';
import type { Journal } from '../queue/journal.ts';

const WAITABLE = new Set(['QUEUE_FULL', 'JOURNAL_UNWRITABLE']);

/** Rejects with what the journal says when that will not pass, or `until` has come. */
export async function untilTaken(
  journal: Pick<Journal, 'append'>,
  entry: Entry,
  until: AbortSignal,
  waits: (error: unknown) => void,
): Promise<void> {
  for (let waitMs = OPP_RETRY_MS_FIRST; ; waitMs = Math.min(OPP_RETRY_MS_MAX, waitMs * 2)) {
    try {
      await journal.append(entry);
      return;
    } catch (error) {
      const full = error instanceof CollectorError && WAITABLE.has(error.code);
      if (!full || until.aborted) throw error;
      waits(error);
      await sleep(waitMs, undefined, { signal: until }).catch(() => {});
    }
  }
}
