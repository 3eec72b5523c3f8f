/**
 * Deletes what the published log has announced as redacted or expired, whoever wrote the record:
 * the deletion follows from the record alone, so that a start repeats what a crash has cut off.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Announced,
  announcedBy,
  type RecordRow,
  type Store,
  type StoreError,
} from '@vitrine/store';
import type { IntentStore } from '../sequence/intents.ts';

export interface RedactorOptions {
  store: Store;
  log: string;
  intents: IntentStore;
  /** Size of the published tree. */
  size: () => number;
  print: (line: string) => void;
}

/** What somebody waits for: the announcements of these keys, deleted. */
export interface Expectation {
  /** Resolves with them once nothing of what they name is left in the store. */
  done: Promise<Announced[]>;
  /** Must be called: what is not awaited any more is forgotten. */
  end(): void;
}

interface Waiter {
  missing: Set<string>;
  found: Announced[];
  resolve: (found: Announced[]) => void;
}

const RETRY_MS_FIRST = 200;
const RETRY_MS_MAX = 10_000;

export class Redactor {
  readonly #options: RedactorOptions;
  readonly #waiters = new Set<Waiter>();
  #waiting: Announced[] = [];
  #work: Promise<void> | undefined;
  readonly #stop = new AbortController();

  constructor(options: RedactorOptions) {
    this.#options = options;
  }

  /**
   * Repeats everything the log has announced (LOG.md §3, Rebuild): a redone batch has brought parts
   * back, or a crash came between the record and its deletion. What the store refuses is tried on.
   */
  async repeat(): Promise<void> {
    const { store, log, size, print } = this.#options;
    const list = await store.erasure.announced(log, size());
    if (list.length === 0) return;
    try {
      await this.#erase(list);
    } catch (error) {
      print(`redact: ${reasonOf(error)}`);
      this.#take(list);
    }
  }

  /** Takes the announcements among rows that were just published. */
  published(rows: readonly RecordRow[]): void {
    const list = rows
      .filter(({ session, shim }) => session === 'log' && shim === 'audit')
      .filter(({ kind }) => kind === 'redact' || kind === 'expire')
      .map(({ idx, record }) => announcedBy(idx, record, JSON.parse(record)))
      .filter((one) => one !== undefined);
    if (list.length > 0) this.#take(list);
  }

  expect(keys: readonly string[]): Expectation {
    let waiter: Waiter | undefined;
    const done = new Promise<Announced[]>((resolve) => {
      waiter = { missing: new Set(keys), found: [], resolve };
      this.#waiters.add(waiter);
    });
    return { done, end: () => void this.#waiters.delete(waiter!) };
  }

  /** What is not deleted by then is deleted after the next start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }

  #take(list: readonly Announced[]): void {
    this.#waiting.push(...list);
    this.#work ??= this.#workOff();
  }

  async #workOff(): Promise<void> {
    const { signal } = this.#stop;
    for (let ms = RETRY_MS_FIRST; this.#waiting.length > 0 && !signal.aborted; ) {
      // A copy: more may come while these are deleted.
      const list = [...this.#waiting];
      try {
        await this.#erase(list);
        this.#waiting = this.#waiting.slice(list.length);
        this.#tell(list);
        ms = RETRY_MS_FIRST;
      } catch (error) {
        this.#options.print(`redact: ${reasonOf(error)}; trying again in ${ms} ms`);
        await sleep(ms, undefined, { signal }).catch(() => {});
        ms = Math.min(RETRY_MS_MAX, ms * 2);
      }
    }
    this.#work = undefined;
  }

  async #erase(list: readonly Announced[]): Promise<void> {
    const { store, log, intents, size } = this.#options;
    await store.erasure.erase(log, size(), list);
    intents.dropBlobs(size());
  }

  #tell(list: readonly Announced[]): void {
    for (const waiter of this.#waiters) {
      for (const one of list) {
        if (waiter.missing.delete(announcedKey(one))) waiter.found.push(one);
      }
      if (waiter.missing.size === 0) waiter.resolve(waiter.found);
    }
  }
}

/** What tells announcements apart; a place in a chain has no blank in its name. */
export function announcedKey(one: AnnouncedTarget): string {
  return 'below' in one ? `${one.below} ${one.part}` : `${one.chain} ${one.seq} ${one.part}`;
}

export type AnnouncedTarget =
  | { chain: string; seq: number; part: string }
  | { below: number; part: string };

function reasonOf(error: unknown): string {
  const { code, message } = error as StoreError;
  return code === undefined ? String(error) : `${code}: ${message}`;
}
