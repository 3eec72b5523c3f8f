/** How events lie in time, by their makers' clocks. */
import type { Vantage } from '../event.ts';
import type { AtSize } from './page.ts';

export interface Histogram {
  /** Both ends belong to it. */
  from: string;
  to: string;
  /** Of one bucket, in nanoseconds. */
  width_ns: string;
  events: number;
  /** Those with an event, in order. */
  buckets: HistogramBucket[];
}

export interface HistogramBucket {
  /** Place among all buckets, the empty ones too. */
  n: number;
  /** Where it begins. */
  t: string;
  events: number;
  /** Of them, those that came with a vantage. */
  vantages: Partial<Record<Vantage, number>>;
  /** By the first label of their kinds: `file`, `egress` …; `other` for those nobody knows. */
  kinds: Record<string, number>;
}

/** `/v1/sessions/:session/histogram`, `/v1/stats/histogram`. */
export type HistogramAnswer = Histogram & AtSize;
