/**
 * The one shape of everything that remembers more than the record at hand: what a rule with a
 * window, a partner or a history keeps. It has no clock but the log's seals, and the same rows give
 * it the same state, so that it can be written down and gone on with elsewhere.
 */
import { DETECT_SEAL_GAP_MS_MAX, type Json } from '@vitrine/schema';
import type { Evidence } from './input.ts';
import type { Restorer, Saver } from './saved.ts';
import type { EventView } from './view.ts';

export interface Finding {
  /** The record that completed it. */
  view: EventView;
  /** Leaves that it rests on beside that record's own. */
  others: readonly Evidence[];
  /** What silence is kept by in the place of the session, where the rule groups by other fields. */
  group?: string | undefined;
}

export interface Watch {
  /** A record of a kind that the rule asks for. */
  feed(view: EventView): readonly Finding[];
  /** A seal: the log's time moves on to `sealMs`. */
  tick(sealMs: number): readonly Finding[];
  /** Nothing more comes of this session. */
  close(session: string): readonly Finding[];
  /** Its groups are not of one session each. */
  readonly isAcross: boolean;
  /** Records and groups that it remembers. */
  readonly held: number;
  /** Forgets what was longest unheard, counts it, and judges of it what waits. */
  shed(): readonly Finding[];
  /** Records that were forgotten, or judged too early, to keep the bounds. */
  readonly evicted: number;
  save(saver: Saver): Json;
  /** Takes what `save` gave, into a watch that has seen nothing. Throws SNAPSHOT_INVALID. */
  load(state: Json, restorer: Restorer): void;
}

export const NONE: readonly never[] = [];

/** Milliseconds in which the log went on: a stopped collector is not a silent source. */
export class LogClock {
  sealMs = 0;
  nowMs = 0;

  advance(sealMs: number): number {
    const passedMs = sealMs - this.sealMs;
    this.sealMs = Math.max(this.sealMs, sealMs);
    this.nowMs += Math.min(Math.max(passedMs, 0), DETECT_SEAL_GAP_MS_MAX);
    return this.nowMs;
  }
}

export function evidenceOf({ row }: EventView): Evidence {
  return { index: row.index, leaf: row.leaf, log: row.log };
}
