/**
 * Makes one batch after another durable and visible, and asks again until that is done: from its
 * intent on a batch is decided (LOG.md §3).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '@vitrine/schema';
import { CollectorError } from '../error.ts';
import { type CommitTarget, commitBatch } from '../insert/commit.ts';
import type { BatchRows } from '../insert/row.ts';
import type { PublishedNote } from './intents.ts';
import type { Batch } from './plan.ts';

export interface CommitterOptions {
  target: CommitTarget;
  log: (line: string) => void;
  stopping: () => boolean;
  onRetry: () => void;
}

const RETRY_MS_FIRST = 100;
const RETRY_MS_MAX = 5_000;

export class Committer {
  readonly #options: CommitterOptions;
  /** Nothing is known yet of what the store has: the first batch is read back (LOG.md §3). */
  #unverified = true;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /**
   * Resolves with its note, or with `null` where it was stopped: then the next start finishes what
   * was decided. Throws WRITER_SUPERSEDED.
   */
  async commit(planned: Batch, rows: BatchRows): Promise<PublishedNote | null> {
    const { target, log, stopping, onRetry } = this.#options;
    let decided = false;
    let retryMs = RETRY_MS_FIRST;
    for (let attempt = 0; ; attempt++) {
      try {
        if (!decided) await target.intents.decide(planned);
        decided = true;
        const note = await commitBatch(target, planned, rows, this.#unverified);
        this.#unverified = false;
        return note;
      } catch (error) {
        if (error instanceof CollectorError && error.code === 'WRITER_SUPERSEDED') throw error;
        this.#unverified = true;
        onRetry();
        const reason = reasonOf(error);
        if (stopping() && attempt > 0) {
          log(`sequencer: batch ${planned.first} is left to the next start: ${reason}`);
          return null;
        }
        log(`sequencer: batch ${planned.first} waits: ${reason}; trying again in ${retryMs} ms`);
        await sleep(retryMs);
        retryMs = Math.min(RETRY_MS_MAX, retryMs * 2);
      }
    }
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof CodedError)) return error instanceof Error ? error.message : String(error);
  return `${error.code}: ${error.message}${error.hint === '' ? '' : `; ${error.hint}`}`;
}
