/**
 * What may wait for the disk together: the group that is written to, and when it is synced. Records
 * of bulk requests are answered once the kernel has them, so that many share a sync; a group with
 * anything else is synced before its answers.
 */
import { SPOOL_UNSYNCED_BYTES_MAX } from '@vitrine/schema';
import { FrameWriter } from '../spool/frame.ts';
import { Group } from '../spool/group.ts';
import type { Spool } from '../spool/spool.ts';

/** After a sync that failed: a disk that was full for a moment is asked again soon. */
const RETRY_MS = 200;

export interface WindowOptions {
  spool: Spool;
  /** What was answered is on disk after so long; 0: before it is answered. */
  syncMs: number;
  /** Something is due. */
  wake: () => void;
}

export class Window {
  readonly #options: WindowOptions;
  /** One group at a time writes into it. */
  readonly #frames = new FrameWriter();
  #group: Group | undefined;
  #triedMs = Number.NEGATIVE_INFINITY;
  #hasFailed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WindowOptions) {
    this.#options = options;
  }

  /** A new one, in the memory of the last, once that is durable. */
  get group(): Group {
    if (this.#group === undefined) {
      this.#frames.reuse();
      this.#group = new Group(this.#frames);
    }
    return this.#group;
  }

  /** Nothing is answered before it is on disk: so it was asked for, or the last sync failed. */
  get isStrict(): boolean {
    return this.#hasFailed || this.#options.syncMs === 0;
  }

  /** The next write begins a group on disk, acks included. */
  get isNew(): boolean {
    return !this.#options.spool.unsynced;
  }

  /** There is something that has waited long enough, or is enough. */
  get isDue(): boolean {
    const bytes = this.#group?.bytes ?? 0;
    return bytes > 0 && (bytes >= this.#bytesMax || this.#leftMs <= 0);
  }

  /** Survives this process when it returns. Throws SPOOL_UNWRITABLE, see `Spool.write`. */
  write(): void {
    this.#options.spool.write(this.group, false);
  }

  /**
   * All of it survives the machine when it resolves. Rejects with SPOOL_UNWRITABLE; then the caller
   * takes back what was not answered, and the rest is tried again.
   */
  async sync(own: boolean): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      await this.#options.spool.commit(this.group, own);
      this.#hasFailed = false;
      this.#group = undefined;
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    } finally {
      this.#triedMs = performance.now();
    }
  }

  /** Sees to it that what is not due yet is looked at in time. */
  follow(): void {
    if (this.#timer !== undefined || (this.#group?.bytes ?? 0) === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#options.wake();
    }, Math.ceil(this.#leftMs));
    this.#timer.unref();
  }

  get #leftMs(): number {
    const everyMs = this.#hasFailed ? RETRY_MS : this.#options.syncMs;
    return this.#triedMs + everyMs - performance.now();
  }

  get #bytesMax(): number {
    return this.#hasFailed ? Number.POSITIVE_INFINITY : SPOOL_UNSYNCED_BYTES_MAX;
  }
}
