/**
 * The durable queue of one machine: an append-only journal with group commit. An append is
 * acknowledged when its bytes would survive a power cut; what was acknowledged is read back in
 * order after any crash. Owns the files below its directory and nothing else.
 */
import { mkdirSync, unlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import {
  JOURNAL_ENTRY_BYTES_MAX,
  JOURNAL_SEGMENT_BYTES_MAX,
  QUEUE_BYTES_MAX,
} from '@vitrine/schema';
import { CollectorError, unwritable } from '../error.ts';
import { syncDirectory } from '../files.ts';
import { decodeEntry, type Entry, entryPieces } from './entry.ts';
import { Lanes, laneOf, queueFull, type Sent } from './lanes.ts';
import {
  bytesIn,
  frameOf,
  listSegments,
  mendTail,
  refuseHole,
  scanSegment,
  segmentPath,
} from './segment.ts';
import { Turnstile } from './turnstile.ts';
import { writeWhole } from './write.ts';

export interface Positioned {
  position: number;
  entry: Entry;
  bytes: number;
}

export interface JournalOptions {
  dir: string;
  /** Off only to show that the crash harness can find a loss. */
  fsync: boolean;
  log: (line: string) => void;
}

interface Waiting {
  frame: Buffer[];
  bytes: number;
  entry: Entry;
  done: (position: number) => void;
  failed: (error: unknown) => void;
}

export class Journal {
  readonly #dir: string;
  readonly #fsync: boolean;
  readonly #log: (line: string) => void;
  /** Appended by callers, emptied by the writer loop. */
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Durable and not yet taken by the sequencer, in order. */
  #ready: Positioned[] = [];
  #readyBytes = 0;
  #next = 0;
  #file: FileHandle | undefined;
  #filePath = '';
  /** Bytes of the open segment that are known to be durable. */
  #syncedBytes = 0;
  #writing: Promise<void> | undefined;
  #closed = false;
  #rotating = false;
  #onReady: () => void = () => {};
  readonly #lanes = new Lanes(() => performance.now());
  /** Whose request is read next, for those who bring them. */
  readonly turnstile = new Turnstile();

  constructor(options: JournalOptions) {
    this.#dir = options.dir;
    this.#fsync = options.fsync;
    this.#log = options.log;
  }

  /**
   * Reads what is there. `from` is the position the log has consumed (`src.journal` of the last
   * seal); entries at and after it wait for the sequencer. Every entry goes to `onEntry`: the
   * de-duplication window refills itself from them, and a sender whose answer was lost repeats just
   * what is not sealed yet.
   */
  open(from: number, onEntry: (entry: Entry) => void): void {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    const segments = listSegments(this.#dir);
    for (const [i, segment] of segments.entries()) {
      const scan = scanSegment(segment.path);
      const after = segments[i + 1]?.first;
      if (after === undefined) mendTail(segment.path, scan, this.#log);
      else refuseHole(segment, segment.first + scan.payloads.length, after, from);
      // A segment that begins before this one ends says that the surplus here was refused.
      const kept = Math.min(
        scan.payloads.length,
        (after ?? Number.POSITIVE_INFINITY) - segment.first,
      );
      for (const [k, payload] of scan.payloads.slice(0, kept).entries()) {
        const position = segment.first + k;
        const entry = decodeEntry(payload);
        onEntry(entry);
        if (position < from) continue;
        this.#push({ position, entry, bytes: payload.length });
        const lane = laneOf(entry);
        if (lane !== undefined) this.#lanes.resume(lane, payload.length);
      }
      this.#next = segment.first + kept;
    }
    // Rows may be ahead of a journal that lost its unsynced tail: positions never run backwards.
    this.#next = Math.max(this.#next, from);
  }

  onReady(listener: () => void): void {
    this.#onReady = listener;
  }

  /**
   * Whether the queue would take so many bytes more of who sends this, to be asked before they cost
   * anything. Throws QUEUE_FULL.
   */
  assertRoom(entry: Sent, bytes: number): void {
    const lane = laneOf(entry);
    if (lane !== undefined) this.#lanes.assertRoom(lane, bytes);
    if (this.bytes + bytes > QUEUE_BYTES_MAX) throw queueFull('the queue is full');
  }

  /**
   * Durable when it resolves. Who has sent much waits here until the sequencer has taken some of
   * it. Refuses with QUEUE_FULL before memory grows past its bound.
   */
  append(entry: Entry): Promise<number> {
    if (this.#closed) return Promise.reject(closed());
    const payload = entryPieces(entry);
    const bytes = bytesIn(payload);
    if (bytes > JOURNAL_ENTRY_BYTES_MAX) {
      const message = `one entry has ${bytes} bytes, ${JOURNAL_ENTRY_BYTES_MAX} at most`;
      return Promise.reject(new CollectorError('ENTRY_TOO_LARGE', message, 'send smaller batches'));
    }
    try {
      this.assertRoom(entry, bytes);
    } catch (error) {
      return Promise.reject(error);
    }
    return new Promise((done, failed) => {
      const write = (): void => {
        this.#waiting.push({ frame: frameOf(payload), bytes, entry, done, failed });
        this.#waitingBytes += bytes;
        this.#writing ??= this.#writeAll();
      };
      const lane = laneOf(entry);
      const hurried = entry.kind === 'push';
      const waiting = { bytes, admit: write, refuse: failed, hurried };
      if (lane === undefined) write();
      else this.#lanes.enter(lane, waiting);
    });
  }

  /**
   * Up to `bytesMax` of what is durable, in order, as far as it `fits`; at least one entry if any
   * waits that does. Its senders get their room back when its batch is made, by `leave`.
   */
  take(bytesMax: number, fits = (_: Entry): boolean => true): Positioned[] {
    let count = 0;
    let bytes = 0;
    while (count < this.#ready.length) {
      const next = this.#ready[count]!;
      if ((count > 0 && bytes + next.bytes > bytesMax) || !fits(next.entry)) break;
      bytes += next.bytes;
      count++;
    }
    this.#readyBytes -= bytes;
    return this.#ready.splice(0, count);
  }

  /** The batch of an entry that was taken is made, or it was not kept. */
  leave(entry: Sent, bytes: number): void {
    const lane = laneOf(entry);
    if (lane !== undefined) this.#lanes.leave(lane, bytes);
  }

  get waitingEntries(): number {
    return this.#ready.length;
  }

  get bytes(): number {
    return this.#lanes.waitingBytes + this.#waitingBytes + this.#readyBytes;
  }

  get next(): number {
    return this.#next;
  }

  /** What is appended from now on goes into another file than what is there. */
  rotate(): void {
    this.#rotating = true;
  }

  /** Where the segments are, for who deletes them. */
  get dir(): string {
    return this.#dir;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#lanes.close(closed());
    await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  #push(item: Positioned): void {
    this.#ready.push(item);
    this.#readyBytes += item.bytes;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await this.#writeGroup(group);
      } catch (cause) {
        await this.#abandonSegment();
        const error = unwritable('JOURNAL_UNWRITABLE', this.#dir, cause, REFUSED);
        this.#log(`journal: ${error.message}`);
        for (const item of group) {
          this.#waitingBytes -= item.bytes;
          item.failed(error);
          this.leave(item.entry, item.bytes);
        }
      }
    }
    // In the same step as the last look at the queue: a later append starts a writer of its own.
    this.#writing = undefined;
  }

  async #writeGroup(group: Waiting[]): Promise<void> {
    if (this.#rotating) await this.#finishSegment();
    this.#rotating = false;
    const file = this.#file ?? (await this.#startSegment());
    const frames = group.flatMap((item) => item.frame);
    const bytes = await writeWhole(file, frames, this.#syncedBytes);
    if (this.#fsync) await file.datasync();
    this.#syncedBytes += bytes;
    for (const item of group) {
      const position = this.#next++;
      this.#waitingBytes -= item.bytes;
      this.#push({ position, entry: item.entry, bytes: item.bytes });
      item.done(position);
    }
    this.#onReady();
    if (this.#syncedBytes >= JOURNAL_SEGMENT_BYTES_MAX) await this.#finishSegment();
  }

  async #startSegment(): Promise<FileHandle> {
    this.#filePath = segmentPath(this.#dir, this.#next);
    this.#file = await open(this.#filePath, 'w', 0o600);
    this.#syncedBytes = 0;
    syncDirectory(this.#dir);
    return this.#file;
  }

  async #finishSegment(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  /**
   * After a failed write or sync the kernel may have dropped pages: the segment is cut back to what
   * was durable and never written again. The next append starts a new one.
   */
  async #abandonSegment(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    try {
      await file.truncate(this.#syncedBytes);
    } catch {
      // The tail stays torn on disk; the next start cuts it, for it fails its checksum.
    }
    await file.close().catch(() => {});
    if (this.#syncedBytes === 0) {
      try {
        unlinkSync(this.#filePath);
      } catch {
        // An empty segment does no harm.
      }
    }
  }
}

const REFUSED = {
  outcome: 'nothing of this request was kept',
  meanwhile: 'senders are told to try again meanwhile',
};

function closed(): CollectorError {
  return new CollectorError('QUEUE_CLOSED', 'the collector is stopping');
}
