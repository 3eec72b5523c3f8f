/** Connectors: where alerts go, how that goes, and what becomes of those that are not taken. */
import type { JsonObject } from '../json.ts';

/**
 * What `delivered` means: the destination answered, the transport took it, or it was only sent.
 */
export type Guarantee = 'answered' | 'settled' | 'lossy';

export type DeliveryState = 'running' | 'retrying' | 'paused' | 'stopped';

/** Failed attempts since the start of the process, by what became of them. */
export interface DeliveryFailures {
  retry: number;
  split: number;
  dead: number;
  pause: number;
}

/** One connector, and how its delivery goes. */
export interface ConnectorItem {
  name: string;
  type: string;
  guarantee: Guarantee;
  /** `retrying`: the destination does not answer, or what waits was tried in vain so far. */
  state: DeliveryState;
  /** Every alert up to this index of the log is settled; -1 at the start. */
  cursor: number;
  /** Alerts that wait; at `DELIVERY_WINDOW_ALERTS_MAX` there may be more. */
  lag: number;
  /** Age of the oldest of them. */
  lagMs: number;
  /** Accepted since the start of the process. */
  delivered: number;
  /** Attempts that failed since the start of the process, all kinds together. */
  failed: number;
  failures: DeliveryFailures;
  /** Times that an alert went out again since the start of the process. */
  retries: number;
  /** Requests under way. */
  inFlight: number;
  /** Alerts that the destination took and did not confirm yet. */
  unconfirmed: number;
  /** `open`: the destination does not answer, and gets one request at a time. */
  breaker: 'closed' | 'open';
  /** A person's pause outlasts a restart; the other ends when the destination is repaired. */
  pausedBy: 'person' | 'answers' | null;
  pausedReason: string | null;
  /** Dead letters that wait for a person. */
  dead: number;
  lastError: string | null;
  /** What a person can do about it, where something is known. */
  lastErrorHint: string | null;
  /** Unix milliseconds, as is `lastSuccessAt`. */
  lastErrorAt: number | null;
  /** `null`: nothing was delivered since the start of the process. */
  lastSuccessAt: number | null;
}

/** `/v1/connectors`. */
export interface ConnectorsAnswer {
  items: ConnectorItem[];
}

/** `/v1/connectors/:name`: its settings with their defaults; secrets are `{env}` or `{file}`. */
export interface ConnectorAnswer extends ConnectorItem {
  settings: JsonObject;
}

/** An alert that the destination will not take. It names the alert, which stays in the log. */
export interface DeadLetter {
  id: string;
  log: string;
  index: number;
  leaf: string;
  /** Of the session the alert is about. */
  session: string;
  rule: string;
  reason: string;
  attempts: number;
  /** Unix nanoseconds, decimal text. */
  at: string;
}

/** `/v1/connectors/:name/dead-letters`: oldest first. */
export interface DeadLettersAnswer {
  items: DeadLetter[];
}

/** How many dead letters are on the way again. */
export interface ReplayAnswer {
  queued: number;
  /** Ids of no dead letters, and of those that the log no longer has. */
  missing: string[];
}

/** How many dead letters are gone for good. */
export interface DropAnswer {
  dropped: number;
  /** Ids of no dead letters. */
  missing: string[];
}
