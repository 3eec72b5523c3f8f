/**
 * The relay's records on disk until the host has them: append-only segments, one fsync for each
 * group, deleted when wholly acknowledged. One group at a time; `Custody` sees to that. Owns the
 * files below its directory.
 */
import { unlinkSync } from 'node:fs';
import {
  type JsonObject,
  SPOOL_AGENT_SHARE,
  SPOOL_BULK_PART,
  SPOOL_INTAKE_SHARE,
  SPOOL_SEGMENT_BYTES_MAX,
  type Vantage,
} from '@vitrine/schema';
import type { ShimMark } from '../chain/shims.ts';
import type { Priority } from '../custody/priority.ts';
import { RelayError, systemCode } from '../error.ts';
import { SpoolChain } from './chain.ts';
import { FrameWriter } from './frame.ts';
import type { Group } from './group.ts';
import { recoverSpool } from './recover.ts';
import { Reserve } from './reserve.ts';
import type { Segment, SegmentFile } from './segment.ts';
import { Tail } from './tail.ts';

/** A small spool has small segments, so that acknowledged bytes are freed before it is full. */
const SEGMENTS_MIN = 16;
/** Acks of a few chains. */
const LEAD_BYTES_FIRST = 1_024;

export interface SpoolOptions {
  dir: string;
  bytesMax: number;
  log: (line: string) => void;
  /** Opens a segment for writing; a test may put a failing disk here. */
  open?: (path: string) => SegmentFile;
}

interface Ack {
  chain: SpoolChain;
  seq: number;
}

export class Spool {
  readonly #options: SpoolOptions;
  readonly #segmentBytes: number;
  #segments: Segment[] = [];
  #chains = new Map<string, SpoolChain>();
  #nextSlot = 1;
  readonly #tail: Tail;
  /** What the head of the group that is not synced says of acks. */
  #acked: Ack[] = [];
  readonly #reserve: Reserve;
  #shims: () => ShimMark[] = () => [];
  #onCommit: () => void = () => {};
  /** Numbering of shims and torn bytes, as the last process left them. */
  readonly recovered: { shims: ShimMark[]; tornBytes: number };

  /** Throws SPOOL_UNREADABLE or SPOOL_FULL. */
  constructor(options: SpoolOptions) {
    this.#options = options;
    const share = Math.floor(options.bytesMax / SEGMENTS_MIN);
    this.#segmentBytes = Math.min(SPOOL_SEGMENT_BYTES_MAX, share);
    const { segments, chains, shims, tornBytes } = recoverSpool(options.dir, options.log);
    this.#segments = segments;
    for (const chain of chains) {
      this.#chains.set(chain.name, chain);
      this.#nextSlot = Math.max(this.#nextSlot, chain.slot + 1);
    }
    this.#tail = new Tail({
      dir: options.dir,
      segmentBytes: this.#segmentBytes,
      number: (segments.at(-1)?.number ?? 0) + 1,
      open: options.open,
      begun: (segment) => this.#segments.push(segment),
      log: options.log,
    });
    this.recovered = { shims, tornBytes };
    this.#reserve = new Reserve(options.dir);
    this.#free();
    this.#reserve.restore();
    if (this.bytes >= options.bytesMax) {
      const message = `the spool holds ${this.bytes} bytes, ${options.bytesMax} at most`;
      throw new RelayError('SPOOL_FULL', message, 'pull what is in it, or allow it more');
    }
  }

  /** Whose numbers a new segment starts with. */
  followShims(shims: () => ShimMark[]): void {
    this.#shims = shims;
  }

  onCommit(listener: () => void): void {
    this.#onCommit = listener;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  get bytesMax(): number {
    return this.#options.bytesMax;
  }

  /**
   * Bytes an intake of this vantage may still add; `undefined` asks for the relay's own records.
   */
  room(vantage?: Vantage, priority?: Priority): number {
    if (vantage !== undefined && this.tight) return 0;
    return this.#share(vantage, priority) - this.bytes;
  }

  /** The largest request of this vantage that finds room when all before it is acknowledged. */
  capacity(vantage: Vantage, priority?: Priority): number {
    return this.#share(vantage, priority) - this.#segmentBytes;
  }

  /** The disk is full, and what was held for that is in use: only what must be is written. */
  get tight(): boolean {
    return !this.#reserve.held;
  }

  /** A segment's worth of room: what was refused for want of it can be said now. */
  hasRoom(vantage: Vantage): boolean {
    return this.room(vantage, 'bulk') >= this.#segmentBytes;
  }

  /** Live chains, and those of earlier starts that were known at this one. */
  get chains(): SpoolChain[] {
    return [...this.#chains.values()];
  }

  /** What a puller is told of: live chains, and older ones until they are acknowledged. */
  get listed(): SpoolChain[] {
    return this.chains.filter((chain) => chain.live || !chain.isAcked);
  }

  chain(name: string): SpoolChain | undefined {
    return this.#chains.get(name);
  }

  /** The last chain of this session and vantage that has records. */
  lastOf(session: string, vantage: Vantage): SpoolChain | undefined {
    return this.chains
      .filter((c) => c.session === session && c.vantage === vantage && c.next > 0)
      .reduce<SpoolChain | undefined>(
        (a, b) => (a === undefined || b.slot > a.slot ? b : a),
        undefined,
      );
  }

  /** Becomes durable with its first record. */
  begin(name: string, vantage: Vantage): SpoolChain {
    const chain = new SpoolChain(this.#nextSlot++, name, vantage, true);
    this.#chains.set(name, chain);
    return chain;
  }

  /** A commit would let segments go. */
  get canFree(): boolean {
    return this.#done((chain) => chain.acked).length > 0;
  }

  /** Something was written that a machine without power would lose. */
  get unsynced(): boolean {
    return this.#tail.unsynced;
  }

  /**
   * Hands to the kernel what the group has more than at the last time. `own`: nothing of that came
   * from outside, so it may have what is held for a full disk. Throws SPOOL_UNWRITABLE: then only
   * what was written before is there.
   */
  write(group: Group, own: boolean): void {
    try {
      this.#write(group);
    } catch (cause) {
      if (!this.#giveReserve(cause, own)) throw this.#unwritable(cause);
      try {
        this.#write(group);
      } catch (again) {
        throw this.#unwritable(again);
      }
    }
  }

  /**
   * The whole group is durable when it resolves, and can be pulled. Rejects with SPOOL_UNWRITABLE:
   * then some or nothing of it is on disk, and it has to be committed again.
   */
  async commit(group: Group, own = false): Promise<void> {
    const answered = this.#tail.written;
    this.write(group, own);
    let synced: { segment: Segment; start: number } | undefined;
    try {
      synced = await this.#tail.sync(answered);
    } catch (cause) {
      if (!this.#giveReserve(cause, own)) throw this.#unwritable(cause);
      this.write(group, own);
      synced = await this.#tail.sync(answered).catch((again: unknown) => {
        throw this.#unwritable(again);
      });
    }
    if (synced !== undefined) this.#register(group, synced);
  }

  #register(group: Group, { segment, start }: { segment: Segment; start: number }): void {
    for (const run of group.runs) {
      const { chain, first, last, head, firstLeaf } = run;
      chain.append({ segment, start: start + run.start, end: start + run.end, first, last });
      chain.keep(group.frames, run);
      chain.head = Buffer.from(head, 'base64');
      if (firstLeaf !== undefined) chain.first = Buffer.from(firstLeaf, 'base64');
      segment.lasts.set(chain.slot, last);
    }
    for (const { chain, seq } of this.#acked) chain.ackedDurable = seq;
    this.#free();
    this.#reserve.restore();
    if (group.runs.length > 0) this.#onCommit();
  }

  close(): void {
    this.#tail.close();
  }

  #share(vantage?: Vantage, priority: Priority = 'critical'): number {
    if (vantage === undefined) return this.bytesMax;
    const share = vantage === 'agent' ? SPOOL_AGENT_SHARE : SPOOL_INTAKE_SHARE;
    const part = priority === 'bulk' ? SPOOL_BULK_PART : 1;
    return Math.floor(this.bytesMax * share * part);
  }

  #write(group: Group): void {
    const acked = this.chains.filter((chain) => chain.acked > chain.ackedDurable);
    if (!this.unsynced && group.bytes === 0 && acked.length === 0) return;
    this.#tail.write(group, (isNew) => {
      this.#acked = acked.map((chain) => ({ chain, seq: chain.acked }));
      const lead = new FrameWriter(LEAD_BYTES_FIRST);
      if (isNew) lead.json('state', this.#state());
      for (const { chain, seq } of this.#acked) lead.json('ack', { slot: chain.slot, seq });
      return lead;
    });
  }

  #giveReserve(cause: unknown, own: boolean): boolean {
    return own && systemCode(cause) === 'ENOSPC' && this.#reserve.release();
  }

  #unwritable(cause: unknown): RelayError {
    const code = systemCode(cause) ?? 'unknown';
    const message = `cannot write to ${this.#options.dir} (${code}); nothing of it was kept`;
    const hint = 'free space, or check the file system';
    return new RelayError('SPOOL_UNWRITABLE', message, hint, { cause });
  }

  /** What a reader must know if all earlier segments are gone. */
  #state(): JsonObject {
    const chains = this.chains.filter(
      (chain) => chain.live || !chain.isAcked || this.#isLast(chain),
    );
    const shims = this.#shims().filter((shim) => shim.declared);
    return {
      chains: chains.map((chain) => chain.toState()),
      shims: shims.map(({ id, vantage, name, last }) => ({ id, vantage, name, last })),
    };
  }

  #isLast(chain: SpoolChain): boolean {
    return this.lastOf(chain.session, chain.vantage) === chain;
  }

  /**
   * Segments of which every record is acknowledged, as `ackedOf` has it. Never the newest: its
   * state is all that is known of chains whose records are gone.
   */
  #done(ackedOf: (chain: SpoolChain) => number): Segment[] {
    const open = new Map<number, number>();
    for (const chain of this.chains) {
      const acked = ackedOf(chain);
      if (acked < chain.next - 1) open.set(chain.slot, acked);
    }
    const isDone = ([slot, last]: [number, number]) => last <= (open.get(slot) ?? last);
    return this.#segments.slice(0, -1).filter((segment) => [...segment.lasts].every(isDone));
  }

  /** Only what the files themselves know to be acknowledged may go. */
  #free(): void {
    const done = new Set(this.#done((chain) => chain.ackedDurable));
    for (const segment of done) {
      try {
        unlinkSync(segment.path);
      } catch (error) {
        this.#options.log(`spool: cannot delete ${segment.path} (${systemCode(error)})`);
        done.delete(segment);
      }
    }
    if (done.size > 0) this.#segments = this.#segments.filter((segment) => !done.has(segment));
  }
}
