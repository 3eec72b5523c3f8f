/** Chooses which alerts go out together: so many, so large, so long together at most. */
import { cutReason } from '../classify.ts';
import type { Batch, DeliverableAlert } from '../contract.ts';
import type { Entry, Window } from './window.ts';

const SEPARATOR_BYTES = 1;
const OVERHEAD_BYTES = 2;

export interface Choice {
  /** In order within each session; empty when nothing is due. */
  entries: Entry[];
  /** How long they may still wait for company. */
  waitMs: number;
}

export class Batcher {
  readonly #batch: Batch;
  readonly #encode: (alert: DeliverableAlert) => Uint8Array;

  constructor(batch: Batch, encode: (alert: DeliverableAlert) => Uint8Array) {
    this.#batch = batch;
    this.#encode = encode;
  }

  /** Nothing is marked: `window.start` does that when they go. */
  next(window: Window, now: number, alertsMax: number): Choice {
    const { order, ageMsMax } = this.#batch;
    const room = new Room(this.#batch, alertsMax);
    for (const lane of window.lanes()) {
      for (const entry of lane) {
        if (room.full || entry.state !== 'waiting' || entry.notBefore > now) break;
        this.#prepare(entry);
        if (!room.take(entry) || order === 'each') break;
      }
      if (room.full) break;
    }
    const { entries, full } = room;
    // What failed before has waited long enough.
    if (full || entries.some(({ attempts }) => attempts > 0)) return { entries, waitMs: 0 };
    const oldest = Math.min(...entries.map(({ queuedAt }) => queuedAt));
    return { entries, waitMs: Math.max(0, oldest + ageMsMax - now) };
  }

  /** Encodes once, however often it is sent. */
  #prepare(entry: Entry): void {
    if (entry.item !== undefined || entry.mistake !== undefined) return;
    try {
      entry.item = { id: entry.alert.id, bytes: this.#encode(entry.alert) };
    } catch (error) {
      // It may quote the alert.
      entry.mistake = cutReason(error instanceof Error ? error.message : String(error));
    }
  }
}

/** One batch as it fills. */
class Room {
  readonly #batch: Batch;
  #alertsMax: number;
  #bytes: number;
  readonly entries: Entry[] = [];
  full = false;

  constructor(batch: Batch, alertsMax: number) {
    this.#batch = batch;
    this.#alertsMax = Math.min(alertsMax, batch.alertsMax);
    this.#bytes = batch.overheadBytes ?? OVERHEAD_BYTES;
  }

  /** `false` when it goes another time. */
  take(entry: Entry): boolean {
    const first = this.entries.length === 0;
    // Nobody shares the fate of what cannot be encoded.
    if (entry.mistake !== undefined && !first) return false;
    const bytes = (entry.item?.bytes.length ?? 0) + (this.#batch.separatorBytes ?? SEPARATOR_BYTES);
    const fits = this.#bytes + bytes <= this.#batch.bytesMax;
    if (!first && entry.togetherMax <= this.entries.length) return false;
    if (!first && !fits) {
      this.full = true;
      return false;
    }
    this.entries.push(entry);
    this.#bytes += bytes;
    this.#alertsMax = Math.min(this.#alertsMax, entry.togetherMax);
    this.full = entry.mistake !== undefined || this.entries.length >= this.#alertsMax;
    return true;
  }
}
