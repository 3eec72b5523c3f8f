/**
 * What is written with one fsync: frames, and where the records of which chain lie among them.
 */
import type { ShimMark } from '../chain/shims.ts';
import type { SpoolChain } from './chain.ts';
import { FrameWriter, NO_SHIM } from './frame.ts';
import type { CarriedRecord, LogSizes } from './log-record.ts';

/** Records of one chain that lie one behind the other; offsets count from the group's start. */
export interface Run {
  chain: SpoolChain;
  first: number;
  last: number;
  start: number;
  end: number;
  /** Leaf hash of the last record, and of the first if that has seq 0; base64. */
  head: string;
  firstLeaf: string | undefined;
}

/** A record's place in its chain, and the shim that numbered it. */
export interface Placed {
  seq: number;
  /** Base64. */
  leafText: string;
  shim: ShimMark | undefined;
}

export interface GroupMark {
  bytes: number;
  runs: number;
}

export class Group {
  readonly frames: FrameWriter;
  readonly runs: Run[] = [];
  /** The next record may join the last run: it was begun after the last mark. */
  #joins = false;

  constructor(frames = new FrameWriter()) {
    this.frames = frames;
  }

  get bytes(): number {
    return this.frames.length;
  }

  mark(): GroupMark {
    this.#joins = false;
    return { bytes: this.bytes, runs: this.runs.length };
  }

  rewind({ bytes, runs }: GroupMark): void {
    this.frames.rewind(bytes);
    this.runs.length = runs;
    this.#joins = false;
  }

  declare({ id, vantage, name }: ShimMark): void {
    this.frames.json('shim', { id, vantage, name });
    this.#joins = false;
  }

  add(chain: SpoolChain, carried: CarriedRecord, sizes: LogSizes, made: Placed): void {
    const start = this.bytes;
    const { seq, leafText, shim } = made;
    const place = { slot: chain.slot, seq, shim: shim?.id ?? NO_SHIM, shimLast: shim?.last ?? 0 };
    this.frames.record(place, carried, sizes);
    const run = this.#joins ? this.runs.at(-1) : undefined;
    if (run?.chain === chain) {
      run.last = seq;
      run.end = this.bytes;
      run.head = leafText;
      return;
    }
    const firstLeaf = seq === 0 ? leafText : undefined;
    const lies = { first: seq, last: seq, start, end: this.bytes };
    this.runs.push({ chain, ...lies, head: leafText, firstLeaf });
    this.#joins = true;
  }
}
