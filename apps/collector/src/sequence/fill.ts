/**
 * Fills the draft of a batch from the queue, piece by piece, for senders wait for the thread as
 * well. The batch before it may still be on its way into the store: only a page that repeats
 * something has to wait for that.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import {
  BATCH_FULL_RECORDS,
  BATCH_INPUT_BYTES_MAX,
  BATCH_INPUT_RECORDS_MAX,
  PULL_PAGE_RECORDS_MAX,
} from '@vitrine/schema';
import type { Store } from '@vitrine/store';
import type { Entry, PageEntry } from '../queue/entry.ts';
import type { Journal, Positioned } from '../queue/journal.ts';
import type { Sent } from '../queue/lanes.ts';
import { applyEntry } from './apply.ts';
import { BatchDraft } from './draft.ts';
import { recordsAtMost } from './push.ts';
import { isRepeat, type Standing, standingAt } from './standing.ts';
import type { LogState } from './state.ts';

export interface FillOptions {
  state: LogState;
  journal: Pick<Journal, 'take' | 'leave'>;
  store: Pick<Store, 'chainRecords'>;
  salt: () => Buffer;
  log: (line: string) => void;
  stopping: () => boolean;
  /** Resolves `false` where the batch before is not published and will not be. */
  before: Promise<boolean>;
}

/** Entries taken at a time, at least one. */
const TAKE_BYTES = 1_048_576;
/** Of any entry but a push: a page whose records are all strays of a session opened anew. */
const ENTRY_RECORDS_MAX = PULL_PAGE_RECORDS_MAX + 10;
/** Of pushes that can give no more, records are not counted. */
const SMALL_RECORDS = 3_000;
const THREAD_MS_MAX = 5;
const RETRY_MS_FIRST = 100;
const RETRY_MS_MAX = 5_000;

export class Filling {
  readonly draft: BatchDraft;
  readonly #options: FillOptions;
  #bytes = 0;
  /** Of the queue, by who sent it. */
  readonly #taken: { entry: Sent; bytes: number }[] = [];
  #oldest: string | undefined;
  /** What comes next in the queue may be more than there is room for. */
  #ended = false;

  constructor(options: FillOptions) {
    this.#options = options;
    this.draft = new BatchDraft(options.state, options.salt);
  }

  /** Of the queue's entries. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Host clock at the receipt of its first entry, unix nanoseconds. */
  get oldest(): string | undefined {
    return this.#oldest;
  }

  /** Nothing was taken. What gives no record was: its position has to be sealed. */
  get empty(): boolean {
    return this.#oldest === undefined;
  }

  /** The rest is the next batch's. */
  get full(): boolean {
    const { count } = this.draft;
    return this.#ended || count >= BATCH_FULL_RECORDS || this.#bytes >= BATCH_INPUT_BYTES_MAX;
  }

  /** Takes what waits, until it is full; `false` when it was stopped before it could. */
  async take(): Promise<boolean> {
    const { journal } = this.#options;
    let since = performance.now();
    while (!this.full) {
      const items = journal.take(TAKE_BYTES, this.#room());
      if (items.length === 0) break;
      for (const item of items) {
        if (performance.now() - since > THREAD_MS_MAX) {
          await nextTurn();
          since = performance.now();
        }
        if (!(await this.#apply(item))) return false;
      }
    }
    return true;
  }

  /** The batch is made: who is in it may send more. */
  leave(): void {
    for (const { entry, bytes } of this.#taken.splice(0)) this.#options.journal.leave(entry, bytes);
  }

  /** Whether the batch has room for entry after entry; one that is empty has it for any. */
  #room(): (entry: Entry) => boolean {
    let left = BATCH_INPUT_RECORDS_MAX - this.draft.count;
    return (entry) => {
      const most = entry.kind === 'push' ? recordsAtMost(entry, SMALL_RECORDS) : ENTRY_RECORDS_MAX;
      this.#ended = most > left && left < BATCH_INPUT_RECORDS_MAX;
      left -= most;
      return !this.#ended;
    };
  }

  async #apply({ entry, position, bytes }: Positioned): Promise<boolean> {
    const repeat = isRepeat(this.draft, entry);
    const standing = repeat ? await this.#standingAt(entry) : undefined;
    if (standing === null) return false;
    applyEntry(this.draft, entry, standing);
    this.#oldest ??= entry.observed;
    this.#options.state.consumed.journal = position + 1;
    this.#bytes += bytes;
    this.#taken.push({ entry: sentOf(entry), bytes });
    return true;
  }

  /** Asks until the store answers; `null` when it was stopped meanwhile: nothing is decided yet. */
  async #standingAt(entry: PageEntry): Promise<Standing | null> {
    const { store, log, stopping, before } = this.#options;
    // What the page repeats may be in the batch that is on its way.
    if (!(await before)) return null;
    for (let retryMs = RETRY_MS_FIRST; ; retryMs = Math.min(RETRY_MS_MAX, retryMs * 2)) {
      try {
        return await standingAt(this.draft, entry, store);
      } catch (error) {
        if (stopping()) return null;
        log(`sequencer: ${entry.chain} is not compared yet: ${String(error)}`);
        await sleep(retryMs);
      }
    }
  }
}

/** Without what it holds. */
function sentOf(entry: Entry): Sent {
  const { kind } = entry;
  if (kind === 'push') return { kind, principal: entry.principal };
  if (kind === 'page' || kind === 'broken') return { kind, session: entry.session };
  return { kind };
}
