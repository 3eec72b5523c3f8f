/**
 * The numbering of each shim (`vitrine.shim.seq`): a hole in it is a loss that nobody else would
 * notice. Numbers survive a restart of the relay through the spool. Names come from outside, so the
 * table is bounded for each vantage.
 */
import { type JsonObject, NAME_CHARS_MAX, RELAY_SHIMS_MAX, type Vantage } from '@vitrine/schema';

export interface ShimMark {
  /** Number of the shim in the spool's frames, from 1. */
  readonly id: number;
  readonly vantage: Vantage;
  readonly name: string;
  /** Highest number since it last began with 0; −1 before any. */
  last: number;
  /** The spool has a frame that says what `id` means. */
  declared: boolean;
  /** Records since this process began. */
  records: number;
  /** Clock at its last record, unix nanoseconds; 0 when this process has not heard of it. */
  seenNs: bigint;
}

export interface Seen {
  shim: ShimMark;
  /** Numbers that were skipped. */
  gap?: { from: number; to: number };
}

export class ShimTable {
  readonly #byName = new Map<string, ShimMark>();
  readonly #counts = new Map<Vantage, number>();
  #nextId = 1;
  /** What the marks were before the commit that is being made, for `rewind`. */
  #undo: { shim: ShimMark; before: ShimMark }[] = [];
  readonly #kept = new Set<ShimMark>();

  constructor(recovered: ShimMark[]) {
    for (const shim of recovered) this.#add(shim);
  }

  get all(): ShimMark[] {
    return [...this.#byName.values()];
  }

  /**
   * Takes note of one record. `undefined` when the shim is not followed: no name, no number, or too
   * many of them. A number below the last is a repetition; 0 is a shim that began anew.
   */
  see(vantage: Vantage, source: JsonObject, nowNs: bigint): Seen | undefined {
    const { shim: name, seq } = source;
    if (typeof name !== 'string' || name.length > NAME_CHARS_MAX) return undefined;
    if (typeof seq !== 'number' || seq < 0) return undefined;
    const shim = this.#byName.get(`${vantage}/${name}`) ?? this.#begin(vantage, name);
    if (shim === undefined) return undefined;
    this.#keep(shim);
    const expected = shim.last + 1;
    if (seq > shim.last || seq === 0) shim.last = seq;
    shim.records++;
    shim.seenNs = nowNs;
    return seq > expected ? { shim, gap: { from: expected, to: seq - 1 } } : { shim };
  }

  /** The frame that says what the id means has joined the commit. */
  declare(shim: ShimMark): void {
    this.#keep(shim);
    shim.declared = true;
  }

  mark(): number {
    this.#kept.clear();
    return this.#undo.length;
  }

  rewind(mark: number): void {
    for (const { shim, before } of this.#undo.splice(mark).reverse()) Object.assign(shim, before);
    this.#kept.clear();
  }

  /** The commit is durable: there is no way back. */
  settle(): void {
    this.#undo = [];
    this.#kept.clear();
  }

  /** Once for each shim since the last mark. */
  #keep(shim: ShimMark): void {
    if (this.#kept.has(shim)) return;
    this.#kept.add(shim);
    this.#undo.push({ shim, before: { ...shim } });
  }

  #begin(vantage: Vantage, name: string): ShimMark | undefined {
    if ((this.#counts.get(vantage) ?? 0) >= RELAY_SHIMS_MAX) return undefined;
    const id = this.#nextId;
    const shim = { id, vantage, name, last: -1, declared: false, records: 0, seenNs: 0n };
    this.#add(shim);
    return shim;
  }

  #add(shim: ShimMark): void {
    this.#byName.set(`${shim.vantage}/${shim.name}`, shim);
    this.#counts.set(shim.vantage, (this.#counts.get(shim.vantage) ?? 0) + 1);
    this.#nextId = Math.max(this.#nextId, shim.id + 1);
  }
}
