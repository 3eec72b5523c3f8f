/**
 * How long the journal keeps what the log has whole: segments for the window in which
 * repeated requests are known, copies of torn ones for whoever looks into a crash. Redactions name
 * these times.
 */
import { statSync, unlinkSync } from 'node:fs';
import { JOURNAL_TORN_KEEP_MS, JOURNAL_TRIM_MS } from '@vitrine/schema';
import type { Journal } from './journal.ts';
import { listSegments, listTorn } from './segment.ts';

export interface JournalRetentionOptions {
  journal: Journal;
  /** How long a segment stays after its last entry. */
  keepMs: number;
  /** Queue position that the published log has consumed. */
  sealed: () => number;
  log: (line: string) => void;
}

export class JournalRetention {
  readonly #options: JournalRetentionOptions;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: JournalRetentionOptions) {
    this.#options = options;
    this.#everyMs = Math.min(JOURNAL_TRIM_MS, options.keepMs);
  }

  start(): void {
    const { log } = this.#options;
    const trim = (): void => {
      try {
        this.trim(Date.now());
      } catch (error) {
        log(`journal: old segments are still there: ${String(error)}`);
      }
    };
    trim();
    this.#timer = setInterval(trim, this.#everyMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /**
   * When everything that was appended before `nowMs` and is sealed will be gone, if the journal is
   * rotated now and the collector runs; unix milliseconds.
   */
  goneAtMs(nowMs: number): number {
    const torn = listTorn(this.#options.journal.dir).map(mtimeMs);
    const kept = torn.map((ms) => ms + JOURNAL_TORN_KEEP_MS);
    return Math.ceil(Math.max(nowMs + this.#options.keepMs, ...kept) + this.#everyMs);
  }

  /** Deletes what is older than it must be; a segment only when the log has all of it. */
  trim(nowMs: number): void {
    const { journal, keepMs, sealed } = this.#options;
    const position = sealed();
    const segments = listSegments(journal.dir);
    for (let i = 0; i + 1 < segments.length; i++) {
      const { path } = segments[i]!;
      if (segments[i + 1]!.first > position || nowMs - mtimeMs(path) < keepMs) break;
      unlinkSync(path);
    }
    for (const path of listTorn(journal.dir)) {
      if (nowMs - mtimeMs(path) >= JOURNAL_TORN_KEEP_MS) unlinkSync(path);
    }
  }
}

function mtimeMs(path: string): number {
  return statSync(path).mtimeMs;
}
