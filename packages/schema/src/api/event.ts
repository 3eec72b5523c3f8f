/** Records of the log: as rows of lists and of the live tail, and one by one. */
import type { Vantage } from '../event.ts';
import type { JsonObject } from '../json.ts';
import type { AtSize, Page } from './page.ts';

export interface EventItem {
  /** `<tenant>.<i>.<n>` */
  log: string;
  /** Leaf index in the log. */
  index: number;
  /** RFC 6962 hash of the leaf. */
  leaf: string;
  /** `log` for the log's own records. */
  session: string;
  shim: string;
  /** Place in its chain; a seal has none. */
  seq: number | null;
  kind: string;
  /** By the maker's clock. */
  t: string;
  /** By the host's clock at receipt; `0` for what was not received. */
  observed: string;
  /** From where it was seen; empty for what the collector says itself. */
  vantage: Vantage | '';
  /** How it came: `opp` (pulled), `otlp` or `hook`; empty for what did not come. */
  via: string;
  /** The sandbox whose relay it was pulled from; empty for what was pushed. */
  sandbox: string;
  peer: string;
  /** Name of the host that the session runs on; null where nobody told it. */
  host: string | null;
  /** What the EDR calls that host. */
  device: string | null;
  /** A rank: 0 ordinary, 1 worth a look, 2 loss of sight, 3 to 5 alerts. */
  severity: number;
  title: string;
  /** Empty where no agent is named. */
  agent: string;
  /** The parsed canonical JSON: canonicalised again it is the exact bytes under `leaf`. */
  record: JsonObject;
}

/** A row in a dialect of another tool (`format=`): CEF and LEEF are text. */
export type ForeignItem = JsonObject | string;

/**
 * `partial`: the time for one answer was over before the page was full, and `cursor` is where
 * nobody has looked yet.
 */
export interface EventPage<Item = EventItem> extends Page<Item> {
  partial?: true;
  /** Why it is partial. */
  code?: 'READ_TIMEOUT';
}

/** `/v1/events/:log/:index`: one event with the names and sizes of its parts. */
export interface EventDetail extends EventItem {
  parts: { name: string; bytes: number }[];
  gone: GonePart[];
}

/** A part that the record commits to and nobody can read any more. */
export interface GonePart {
  name: string;
  /** `unknown`: no record of the log says why it is not there. */
  by: 'redact' | 'expire' | 'unknown';
  /** Leaf of the record that says so, in the same log. */
  index?: number;
  reason?: string;
  /** When that record was made. */
  t?: string;
  /** When the last copy that is the system's own is gone; empty where it does not say. */
  until?: string;
}

/** First event of a tail, `ready`: what was published before it began. */
export type TailReady = AtSize;
