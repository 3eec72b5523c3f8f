/**
 * The end of a spool: the segment that is written to. What `write` has handed to the kernel
 * survives the death of this process; what `sync` has seen through survives the machine's as well.
 * Only one of the two runs at a time; `Custody` sees to that.
 */
import { systemCode } from '../error.ts';
import { FrameWriter } from './frame.ts';
import type { Group } from './group.ts';
import { newSegment, type Segment, SegmentFile, syncPath } from './segment.ts';

export interface TailOptions {
  dir: string;
  /** A segment with more takes no further group. */
  segmentBytes: number;
  /** Of the next segment. */
  number: number;
  open: ((path: string) => SegmentFile) | undefined;
  /** A segment was begun. */
  begun: (segment: Segment) => void;
  log: (line: string) => void;
}

const NOTHING = new FrameWriter(0);

export class Tail {
  readonly #options: TailOptions;
  #number: number;
  #active: { segment: Segment; file: SegmentFile } | undefined;
  /** Where the group that is not synced begins in its segment, and how much of it is there. */
  #unsynced: { start: number; written: number } | undefined;

  constructor(options: TailOptions) {
    this.#options = options;
    this.#number = options.number;
  }

  get unsynced(): boolean {
    return this.#unsynced !== undefined;
  }

  /** Bytes of the group that are with the kernel. */
  get written(): number {
    return this.#unsynced?.written ?? 0;
  }

  /**
   * Writes what the group has more than at the last write; before its first bytes comes what `lead`
   * gives, told whether the segment is new. Throws what the system says: then what was written
   * before is still there, or `unsynced` is false and all of the group has to be written again.
   */
  write(group: Group, lead: (isNew: boolean) => FrameWriter): void {
    try {
      const { segment, file } = this.#writable();
      const head = this.unsynced ? NOTHING : lead(segment.bytes === 0);
      const at = this.#unsynced ?? { start: segment.bytes + head.length, written: 0 };
      const { start, written } = at;
      const bytes = head.length + group.bytes - written;
      if (bytes === 0) return;
      const pieces = [head.bytes, group.frames.bytes.subarray(written)];
      const count = file.write(pieces, start + written - head.length);
      if (count !== bytes) throw new Error(`wrote ${count} of ${bytes} bytes`);
      this.#unsynced = { start, written: group.bytes };
    } catch (error) {
      this.#takeBack();
      throw error;
    }
  }

  /**
   * Where the group began that is durable now; `undefined` if there was none. Throws what the
   * system says: then all of the group has to be written again. Until that is done, the `answered`
   * bytes that it begins with outlive this process as before, unless the disk is full.
   */
  async sync(answered: number): Promise<{ segment: Segment; start: number } | undefined> {
    if (this.#active === undefined || this.#unsynced === undefined) return undefined;
    const { segment, file } = this.#active;
    const { start, written } = this.#unsynced;
    try {
      await file.sync();
    } catch (error) {
      // On a full disk the room that this gives back is what the next try needs.
      const kept = systemCode(error) === 'ENOSPC' ? 0 : answered;
      this.#abandon(kept > 0 ? start + kept : segment.bytes);
      throw error;
    }
    this.#unsynced = undefined;
    segment.bytes = start + written;
    return { segment, start };
  }

  close(): void {
    this.#active?.file.close();
    this.#active = undefined;
    this.#unsynced = undefined;
  }

  #writable(): { segment: Segment; file: SegmentFile } {
    const { dir, segmentBytes, open = (path) => new SegmentFile(path) } = this.#options;
    if (!this.unsynced && (this.#active?.segment.bytes ?? 0) >= segmentBytes) this.close();
    if (this.#active !== undefined) return this.#active;
    const segment = newSegment(dir, this.#number++);
    const file = open(segment.path);
    this.#active = { segment, file };
    this.#options.begun(segment);
    syncPath(dir);
    return this.#active;
  }

  /** What was written before stays where it is, unless nothing could follow it there. */
  #takeBack(): void {
    if (this.#active === undefined || this.#unsynced === undefined) {
      this.#abandon();
      return;
    }
    const { start, written } = this.#unsynced;
    try {
      this.#active.file.truncate(start + written);
    } catch {
      this.#abandon();
    }
  }

  /**
   * After a failed sync the kernel may have dropped pages: the segment is cut back to what was
   * promised and never written again. Of what it has beyond the durable, and if it cannot be cut,
   * the state at the head of the next one says where its chains ended.
   */
  #abandon(bytes = this.#active?.segment.bytes ?? 0): void {
    const active = this.#active;
    this.#active = undefined;
    this.#unsynced = undefined;
    if (active === undefined) return;
    try {
      active.file.abandon(bytes);
    } catch (error) {
      this.#options.log(`spool: cannot cut ${active.segment.path} (${systemCode(error)})`);
    }
  }
}
