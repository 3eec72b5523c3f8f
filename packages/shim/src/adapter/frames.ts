/** Bytes to frames: lines, or packets behind their length. Both are bounded, whatever comes. */
import { SHIM_FRAME_BYTES_MAX } from '@vitrine/schema';

/** `packets`: unsigned 32 bits little endian, then that many bytes. */
export type Framing = 'lines' | 'packets';

export interface Splitter {
  /** Bytes that were thrown away: beyond the limit of their frame. */
  readonly cutBytes: number;
  /** Frames that were cut short. */
  readonly cut: number;
  push(chunk: Buffer, take: (frame: Buffer) => void): void;
  /** The input has ended: hands on what is left, which may be half a frame. */
  flush(take: (frame: Buffer) => void): void;
}

export function splitterOf(framing: Framing): Splitter {
  return framing === 'lines' ? new LineSplitter() : new PacketSplitter();
}

const NEWLINE = 10;

/** A line over the limit is handed on as far as the limit; the rest of it is counted. */
class LineSplitter implements Splitter {
  #rest: Buffer[] = [];
  #restBytes = 0;
  #skipping = false;
  cut = 0;
  cutBytes = 0;

  push(chunk: Buffer, take: (frame: Buffer) => void): void {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      this.#add(chunk.subarray(from, at));
      this.#end(take);
      from = at + 1;
    }
    if (from < chunk.length) this.#add(chunk.subarray(from));
  }

  flush(take: (frame: Buffer) => void): void {
    if (this.#restBytes > 0) this.#end(take);
  }

  #add(piece: Buffer): void {
    const room = SHIM_FRAME_BYTES_MAX - this.#restBytes;
    if (piece.length > room) {
      if (!this.#skipping) this.cut++;
      this.#skipping = true;
      this.cutBytes += piece.length - room;
    }
    const kept = piece.length > room ? piece.subarray(0, room) : piece;
    if (kept.length === 0) return;
    this.#rest.push(kept);
    this.#restBytes += kept.length;
  }

  #end(take: (frame: Buffer) => void): void {
    const frame = this.#rest.length === 1 ? this.#rest[0]! : Buffer.concat(this.#rest);
    this.#rest = [];
    this.#restBytes = 0;
    this.#skipping = false;
    take(frame);
  }
}

const LENGTH_BYTES = 4;

/** Written by a helper of ours: a length over the limit means that we have lost our place. */
class PacketSplitter implements Splitter {
  #rest: Buffer = Buffer.alloc(0);
  #skip = 0;
  cut = 0;
  cutBytes = 0;

  push(chunk: Buffer, take: (frame: Buffer) => void): void {
    const all = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = Math.min(this.#skip, all.length);
    this.#skip -= at;
    while (at + LENGTH_BYTES <= all.length) {
      const length = all.readUInt32LE(at);
      const end = at + LENGTH_BYTES + length;
      if (length > SHIM_FRAME_BYTES_MAX) {
        this.cut++;
        this.cutBytes += length;
        this.#skip = Math.max(0, end - all.length);
        at = Math.min(end, all.length);
        continue;
      }
      if (end > all.length) break;
      take(all.subarray(at + LENGTH_BYTES, end));
      at = end;
    }
    this.#rest = all.subarray(at);
  }

  flush(): void {
    if (this.#rest.length === 0) return;
    this.cut++;
    this.cutBytes += this.#rest.length;
    this.#rest = Buffer.alloc(0);
  }
}
