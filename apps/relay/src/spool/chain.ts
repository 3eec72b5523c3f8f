/**
 * What the spool knows of one chain: its tip, what was acknowledged, and where its records lie.
 * Changed by recovery, by commits and by acks; everybody else reads.
 */
import { isVantage, type JsonObject, type Vantage } from '@vitrine/schema';
import type { FrameWriter } from './frame.ts';
import type { Segment } from './segment.ts';

/** A reader takes a whole extent: small enough that following the tail of a chain stays cheap. */
const EXTENT_BYTES_MAX = 65_536;

/** A stretch of one segment in which all records `first` to `last` of a chain lie, in order. */
export interface Extent {
  segment: Segment;
  start: number;
  end: number;
  first: number;
  last: number;
}

/** Where the records of the last commit lie in the memory they were written from. */
interface Written {
  frames: FrameWriter;
  /** `frames.uses` then: while it is the same, they are still there. */
  uses: number;
  start: number;
  end: number;
  first: number;
  last: number;
}

export interface Hole {
  from: number;
  to: number;
}

export class SpoolChain {
  readonly slot: number;
  /** `session/boot.vantage` */
  readonly name: string;
  readonly vantage: Vantage;
  /** This process writes it; every other chain is one of an earlier start. */
  readonly live: boolean;
  /** Leaf hash of seq 0. */
  first: Buffer | undefined;
  /** The seq behind the last durable record, and that record's leaf hash. */
  next = 0;
  head: Buffer = Buffer.alloc(0);
  /** Last acknowledged seq, −1 before the first. */
  acked = -1;
  /** The last seq that the spool's files know to be acknowledged. */
  ackedDurable = -1;
  /** Last seq that may have left this relay. */
  delivered = -1;
  #written: Written | undefined;
  /** In order of seq; what is acknowledged is taken out from the front. */
  extents: Extent[] = [];

  constructor(slot: number, name: string, vantage: Vantage, live: boolean) {
    this.slot = slot;
    this.name = name;
    this.vantage = vantage;
    this.live = live;
  }

  get session(): string {
    return this.name.slice(0, this.name.indexOf('/'));
  }

  get isAcked(): boolean {
    return this.acked === this.next - 1;
  }

  /** The first seq that can still be pulled. */
  get oldest(): number {
    return this.extents[0]?.first ?? this.next;
  }

  append(run: Extent): void {
    if (run.first !== this.next) this.cut(run.first);
    const last = this.extents.at(-1);
    const joins = last !== undefined && last.segment === run.segment && last.end === run.start;
    const follows = joins && last.last + 1 === run.first;
    if (follows && run.end - last.start <= EXTENT_BYTES_MAX) {
      last.end = run.end;
      last.last = run.last;
    } else {
      this.extents.push(run);
    }
    this.next = run.last + 1;
  }

  /** `run` is durable, and still in memory as well. */
  keep(frames: FrameWriter, { start, end, first, last }: Omit<Extent, 'segment'>): void {
    const written = this.#written;
    const { uses } = frames;
    if (written?.frames === frames && written.uses === uses && written.last + 1 === first) {
      written.end = end;
      written.last = last;
    } else {
      this.#written = { frames, uses, start, end, first, last };
    }
  }

  /** The last commit's records, if `seq` is the first of them and they are still in memory. */
  justWritten(
    seq: number,
  ): { bytes: Buffer; start: number; end: number; last: number } | undefined {
    const { frames, uses, start, end, first, last } = this.#written ?? {};
    if (frames === undefined || first !== seq || frames.uses !== uses) return undefined;
    return { bytes: frames.bytes, start: start!, end: end!, last: last! };
  }

  /** Forgets `next` and what follows: a commit that failed left it behind. */
  cut(next: number): void {
    if (next >= this.next) return;
    this.extents = this.extents.filter((extent) => extent.first < next);
    for (const extent of this.extents) extent.last = Math.min(extent.last, next - 1);
    this.next = next;
  }

  acknowledge(seq: number): void {
    this.acked = Math.max(this.acked, seq);
    let done = 0;
    while (done < this.extents.length && this.extents[done]!.last <= this.acked) done++;
    if (done > 0) this.extents.splice(0, done);
  }

  /** Records that were neither acknowledged nor can be read: damage. */
  holes(): Hole[] {
    const holes: Hole[] = [];
    let expected = this.acked + 1;
    for (const { first, last } of this.extents) {
      if (first > expected) holes.push({ from: expected, to: first - 1 });
      expected = Math.max(expected, last + 1);
    }
    if (expected < this.next) holes.push({ from: expected, to: this.next - 1 });
    return holes;
  }

  toState(): JsonObject {
    const first = this.first?.toString('base64') ?? null;
    const { slot, name, vantage, next, acked } = this;
    return { slot, name, vantage, first, next, head: this.head.toString('base64'), acked };
  }
}

/** Reads what `toState` wrote into `known`, or into a new chain; `undefined` if it did not. */
export function readState(
  state: JsonObject,
  known: ReadonlyMap<number, SpoolChain>,
): SpoolChain | undefined {
  const { slot, name, vantage, first, next, head, acked } = state;
  if (typeof slot !== 'number' || typeof name !== 'string' || !isVantage(vantage)) return undefined;
  if (typeof next !== 'number' || typeof acked !== 'number') return undefined;
  const chain = known.get(slot) ?? new SpoolChain(slot, name, vantage, false);
  chain.cut(next);
  chain.next = next;
  chain.head = Buffer.from(String(head), 'base64');
  if (typeof first === 'string') chain.first = Buffer.from(first, 'base64');
  chain.acknowledge(acked);
  return chain;
}
