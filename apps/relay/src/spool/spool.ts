/**
 * The relay's records on disk until the host has them: append-only segments, one fsync for each
 * commit, deleted when wholly acknowledged. One commit at a time; `Custody` sees to that. Owns the
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
import { newSegment, type Segment, SegmentFile, syncDirectory } from './segment.ts';

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

export class Spool {
  readonly #options: SpoolOptions;
  readonly #segmentBytes: number;
  #segments: Segment[] = [];
  #chains = new Map<string, SpoolChain>();
  #nextSlot = 1;
  #nextNumber = 1;
  /** The segment that is written to, once there is one. */
  #active: { segment: Segment; file: SegmentFile } | undefined;
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
    this.#nextNumber = (segments.at(-1)?.number ?? 0) + 1;
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

  /**
   * Durable when it resolves; SPOOL_UNWRITABLE, and nothing of it was kept, when it rejects. `own`:
   * nothing of it came from outside, so it may have what is held for a full disk.
   */
  async commit(group: Group, own = false): Promise<void> {
    const acks = this.chains.filter((chain) => chain.acked > chain.ackedDurable);
    if (group.bytes === 0 && acks.length === 0) return;
    const acked = acks.map((chain) => ({ chain, seq: chain.acked }));
    let written: { segment: Segment; start: number };
    try {
      written = await this.#writeAnyhow(group, acked, own);
    } catch (cause) {
      const code = systemCode(cause) ?? 'unknown';
      const message = `cannot write to ${this.#options.dir} (${code}); nothing of it was kept`;
      throw new RelayError('SPOOL_UNWRITABLE', message, 'free space, or check the file system', {
        cause,
      });
    }
    const { segment, start } = written;
    for (const run of group.runs) {
      const { chain, first, last, head, firstLeaf } = run;
      chain.append({ segment, start: start + run.start, end: start + run.end, first, last });
      chain.keep(group.frames, run);
      chain.head = Buffer.from(head, 'base64');
      if (firstLeaf !== undefined) chain.first = Buffer.from(firstLeaf, 'base64');
      segment.lasts.set(chain.slot, last);
    }
    for (const { chain, seq } of acked) chain.ackedDurable = seq;
    this.#free();
    this.#reserve.restore();
    if (group.runs.length > 0) this.#onCommit();
  }

  close(): void {
    this.#active?.file.close();
    this.#active = undefined;
  }

  #share(vantage?: Vantage, priority: Priority = 'critical'): number {
    if (vantage === undefined) return this.bytesMax;
    const share = vantage === 'agent' ? SPOOL_AGENT_SHARE : SPOOL_INTAKE_SHARE;
    const part = priority === 'bulk' ? SPOOL_BULK_PART : 1;
    return Math.floor(this.bytesMax * share * part);
  }

  async #writeAnyhow(group: Group, acked: { chain: SpoolChain; seq: number }[], own: boolean) {
    try {
      return await this.#write(group, acked);
    } catch (error) {
      this.#abandon();
      if (!own || systemCode(error) !== 'ENOSPC' || !this.#reserve.release()) throw error;
    }
    try {
      return await this.#write(group, acked);
    } catch (error) {
      this.#abandon();
      throw error;
    }
  }

  async #write(group: Group, acked: { chain: SpoolChain; seq: number }[]) {
    const { segment, file } = this.#writable();
    const lead = new FrameWriter(LEAD_BYTES_FIRST);
    if (segment.bytes === 0) lead.json('state', this.#state());
    for (const { chain, seq } of acked) lead.json('ack', { slot: chain.slot, seq });
    const bytes = lead.length + group.bytes;
    const written = file.write([lead.bytes, group.frames.bytes], segment.bytes);
    if (written !== bytes) throw new Error(`wrote ${written} of ${bytes} bytes`);
    await file.sync();
    const start = segment.bytes + lead.length;
    segment.bytes += bytes;
    return { segment, start };
  }

  #writable(): { segment: Segment; file: SegmentFile } {
    if (this.#active !== undefined && this.#active.segment.bytes >= this.#segmentBytes) {
      this.close();
    }
    if (this.#active !== undefined) return this.#active;
    const { dir, open = (path) => new SegmentFile(path) } = this.#options;
    const segment = newSegment(dir, this.#nextNumber++);
    const file = open(segment.path);
    this.#active = { segment, file };
    this.#segments.push(segment);
    syncDirectory(dir);
    return this.#active;
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

  /**
   * After a failed write or sync the kernel may have dropped pages: the segment is cut back to what
   * was durable and never written again. If even that fails, the state at the head of the next one
   * says where its chains ended.
   */
  #abandon(): void {
    const active = this.#active;
    this.#active = undefined;
    if (active === undefined) return;
    try {
      active.file.abandon(active.segment.bytes);
    } catch (error) {
      this.#options.log(`spool: cannot cut ${active.segment.path} (${systemCode(error)})`);
    }
  }
}
