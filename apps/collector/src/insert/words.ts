/**
 * Takes the words of published records for the search over all sessions, behind the writer and out
 * of its way: most of the time it waits. What is not taken yet is searched without them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  WORD_BLOCK_LEAVES,
  WORDS_IDLE_MS,
  WORDS_REST_FACTOR_BUSY,
  WORDS_REST_FACTOR_IDLE,
} from '@vitrine/schema';
import type { Store } from '@vitrine/store';

/** Blocks of one step. */
const BLOCKS_MAX = 4;

export interface WordTakerOptions {
  store: Pick<Store, 'takeWords' | 'wordsKnown'>;
  log: string;
  /** Leaves that a checkpoint covers. */
  size: () => number;
  print: (line: string) => void;
}

export class WordTaker {
  readonly #options: WordTakerOptions;
  readonly #stop = new AbortController();
  #done: Promise<void> = Promise.resolve();
  #known: number | undefined;

  constructor(options: WordTakerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  /** Takes the next blocks that are whole; `false` when there is none. */
  async step(): Promise<boolean> {
    const { store, log, size } = this.#options;
    this.#known ??= await store.wordsKnown(log);
    const whole = Math.floor(size() / WORD_BLOCK_LEAVES) * WORD_BLOCK_LEAVES;
    const first = this.#known;
    const end = Math.min(whole, first + BLOCKS_MAX * WORD_BLOCK_LEAVES);
    if (first >= end) return false;
    // Whether a try that fails has done it is asked again.
    this.#known = undefined;
    await store.takeWords(log, first, end);
    this.#known = end;
    return true;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let failed = false;
    let sizeBefore = this.#options.size();
    while (!signal.aborted) {
      const started = performance.now();
      const size = this.#options.size();
      const rest =
        size - sizeBefore > WORD_BLOCK_LEAVES ? WORDS_REST_FACTOR_BUSY : WORDS_REST_FACTOR_IDLE;
      sizeBefore = size;
      let waitMs = WORDS_IDLE_MS;
      try {
        if (await this.step()) waitMs = (performance.now() - started) * rest;
        failed = false;
      } catch (error) {
        if (!failed && !signal.aborted) this.#options.print(`search: no words: ${String(error)}`);
        failed = true;
      }
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }
}
