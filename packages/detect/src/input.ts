/** What goes into detection: one committed row of the log, and how an alert names one. */
import type { JsonObject } from '@vitrine/schema';

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
}

/** A leaf an alert rests on. */
export type Evidence = { index: number; leaf: string; log: string };
