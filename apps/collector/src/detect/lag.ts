/**
 * How far detection is behind what is published: in rows, and in seconds since the oldest row that
 * it has not read could have been read.
 */
import { DETECT_LAG_MARKS_MAX } from '@vitrine/schema';

const MS_PER_S = 1_000;

interface Mark {
  /** Rows below this index were there by then. */
  size: number;
  atMs: number;
}

export class Lag {
  readonly #marks: Mark[] = [];
  #position: number;
  #size: number;

  constructor(position: number) {
    this.#position = position;
    this.#size = position;
  }

  /** The log has `size` rows since `atMs`. */
  published(size: number, atMs: number): void {
    if (size <= this.#size) return;
    this.#size = size;
    const last = this.#marks.at(-1);
    // The last one takes what no longer has one of its own: its older time is the honest one.
    if (last !== undefined && this.#marks.length >= DETECT_LAG_MARKS_MAX) last.size = size;
    else this.#marks.push({ size, atMs });
  }

  /** Detection has read up to `position` (exclusive). */
  read(position: number): void {
    this.#position = Math.max(this.#position, position);
    const unread = this.#marks.findIndex(({ size }) => size > this.#position);
    this.#marks.splice(0, unread < 0 ? this.#marks.length : unread);
  }

  get rows(): number {
    return this.#size - this.#position;
  }

  seconds(nowMs: number): number {
    const oldest = this.#marks[0];
    return oldest === undefined ? 0 : Math.max(0, nowMs - oldest.atMs) / MS_PER_S;
  }
}
