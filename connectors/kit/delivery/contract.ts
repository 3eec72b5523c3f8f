/** What delivery needs from the collector, and what it gives back. */
import {
  CONNECTOR_ATTEMPT_MS_MAX,
  CONNECTOR_CONNECT_MS_MAX,
  DELIVERY_PAUSE_MS,
  DELIVERY_POLL_MS,
  DELIVERY_RETRY_MS_MAX,
  DELIVERY_RETRY_MS_MIN,
  DELIVERY_STOP_MS_MAX,
  RECEIPT_MS_MAX,
} from '@vitrine/schema';
import type { ConnectorItem, DeadLetter, DropAnswer, ReplayAnswer } from '@vitrine/schema/api';
import type { Clock } from '../clock.ts';
import type { DeliverableAlert } from '../contract.ts';
import type { ConfiguredConnector } from '../define.ts';
import type { Environment } from '../secret.ts';
import type { Wire } from '../wire/wire.ts';

/** One log's alerts, each covered by a published checkpoint. */
export interface DeliverySource {
  /** Alerts with an index greater than `after`, ascending, at most `limit`; -1 is the start. */
  read(after: number, limit: number): Promise<DeliverableAlert[]>;
  /** Index of the last leaf that a checkpoint covers, -1 when there is none. */
  tip(): Promise<number>;
  /** Origin of the log: a position in another log is never applied to this one. */
  origin?: string;
}

/** One settled alert, as its receipt says it. */
export type ReceiptAlert = {
  id: string;
  index: number;
  leaf: string;
  outcome: 'delivered' | 'dead';
  /** The destination's answer, or the reason. */
  answer: string;
  /** Unix nanoseconds, decimal text. */
  at: string;
};

/** Fields of a `receipt` record; may come twice for one alert after a crash, never not at all. */
export type Receipt = {
  connector: string;
  type: string;
  /** Lowest and highest index among `alerts`. */
  from: number;
  to: number;
  alerts: ReceiptAlert[];
};

export interface DeliveryTiming {
  connectMs: number;
  attemptMs: number;
  pollMs: number;
  retryMsMin: number;
  retryMsMax: number;
  pauseMs: number;
  stopMs: number;
  receiptMs: number;
  /** Instead of the connector's own time between two questions for a confirmation. */
  confirmMs?: number;
}

export const DELIVERY_TIMING: Readonly<DeliveryTiming> = {
  connectMs: CONNECTOR_CONNECT_MS_MAX,
  attemptMs: CONNECTOR_ATTEMPT_MS_MAX,
  pollMs: DELIVERY_POLL_MS,
  retryMsMin: DELIVERY_RETRY_MS_MIN,
  retryMsMax: DELIVERY_RETRY_MS_MAX,
  pauseMs: DELIVERY_PAUSE_MS,
  stopMs: DELIVERY_STOP_MS_MAX,
  receiptMs: RECEIPT_MS_MAX,
};

/** Shared by all connectors of a collector. */
export interface DeliveryDeps {
  source: DeliverySource;
  /** Resolves when the receipt is durable on its way into the log; a rejection is tried again. */
  receipt(receipt: Receipt): Promise<void>;
  log(line: string): void;
  clock?: Clock;
  /** 0 up to 1, for the jitter of waits. */
  random?: () => number;
  environment?: Environment;
  timing?: Partial<DeliveryTiming>;
}

export interface DeliveryOptions extends DeliveryDeps {
  name: string;
  connector: ConfiguredConnector;
  /** Of this connector alone; made when it is missing. */
  dir: string;
  /** HTTP through the guarded agent unless a test stands in for the destination. */
  wire?: Wire;
}

export interface Delivery {
  /** There are new alerts. */
  wake(): void;
  status(): ConnectorItem;
  /** Oldest first. */
  deadLetters(): DeadLetter[];
  /**
   * Sends dead letters again under their old ids, `DELIVERY_WINDOW_ALERTS_MAX` at a time at most.
   * `missing` names those that are no dead letters or that the log no longer has.
   */
  replay(ids: string[] | 'all'): Promise<ReplayAnswer>;
  /**
   * Lets dead letters go for good; resolves when that is durable. `missing` names those that are
   * none.
   */
  drop(ids: string[] | 'all', reason: string): Promise<DropAnswer>;
  /** Sends nothing until `resume`, restarts included; resolves when that is durable. */
  pause(reason: string): Promise<void>;
  /** Goes on after a pause of any kind. */
  resume(): Promise<void>;
  /** Waits for what is on its way, keeps the rest for the next start. */
  stop(): Promise<void>;
}
