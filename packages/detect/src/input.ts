/** What goes into detection: one committed row of the log, and how an alert names one. */
import type { Json, JsonObject } from '@vitrine/schema';

export interface DetectInput {
  log: string;
  index: number;
  /** Leaf hash, base64. */
  leaf: string;
  session: string;
  shim: string;
  /** One of `VANTAGES`; empty for records the sequencer wrote itself. */
  vantage: string;
  kind: string;
  record: JsonObject;
  /**
   * The member of `record` at a path, for who can tell it without making the record: most rules ask
   * for one or two. The same `steps` mean the same path each time.
   */
  read?(steps: readonly string[]): Json | undefined;
}

/** A leaf an alert rests on. */
export type Evidence = { index: number; leaf: string; log: string };
