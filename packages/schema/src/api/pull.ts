/** The consumer API: what can be pulled, in which formats, and consumers whose place is kept. */
import { DIALECTS } from '../normalise/dialects.ts';
import type { EventItem } from './event.ts';

/** What consumers read. `access`: who looked, and whatever else stands in `log/audit`. */
export const PULL_STREAMS = ['events', 'alerts', 'checkpoints', 'access'] as const;
export type PullStream = (typeof PULL_STREAMS)[number];

export const PULL_FORMATS = ['ndjson', 'otlp-json', 'otlp-proto', ...DIALECTS] as const;
export type PullFormat = (typeof PULL_FORMATS)[number];

/** Where a record stands. */
export type PullIntegrity = {
  leaf_index: number;
  /** RFC 6962, base64. */
  leaf_hash: string;
  /** Of the log's origin: what follows its host. */
  log_id: string;
  origin: string;
};

/** A record in the format `ndjson`. */
export interface PullItem extends EventItem {
  /** Of a checkpoint: the size of its tree, and its signed note. */
  size?: number;
  checkpoint?: string;
  integrity: PullIntegrity;
}

/** The last line of a page where `page=inline` is asked for; its headers say the same. */
export interface PullPageEnd {
  _page: {
    next_cursor: string;
    has_more: boolean;
    tree_size: number;
    /** Signed note of the tree; empty before the first. */
    checkpoint: string;
  };
}

/** A consumer: what it reads, and how far it has come. */
export interface ConsumerItem {
  name: string;
  stream: PullStream;
  /** As parameters of a query string. */
  filter: { kind?: string; severity_gte?: string; session?: string; sandbox?: string; q?: string };
  format: PullFormat;
  /** Whether contents are told; null: where its reader may read them. */
  parts: 'include' | 'none' | null;
  /** Where its next page begins. */
  cursor: string;
  /** What lies behind that place: leaves of the log, and how long the first of them waits. */
  lag: { leaves: number; seconds: number };
  /** RFC 3339, as is `created`. */
  last_ack: string | null;
  /** Somebody reads it at the moment. */
  is_read: boolean;
  created: string;
}

/** `/v1/consumers`. */
export interface ConsumersAnswer {
  items: ConsumerItem[];
}

/** `DELETE /v1/consumers/:name`. */
export interface ConsumerDeleted {
  /** Its name. */
  deleted: string;
}
