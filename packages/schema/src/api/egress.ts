/** What left sandboxes, by host and function, and by who saw it. */
import type { Vantage } from '../event.ts';
import type { AtSize } from './page.ts';
import type { Looked, Names } from './view.ts';

export interface Egress {
  items: EgressItem[];
  /** Rows that the filter leaves; `items` has the first of them. */
  of: number;
  looked: Looked;
}

/** One host and one of its functions, as one vantage saw it. */
export interface EgressItem {
  vantage: Vantage | '';
  host: string;
  /** Id of the function catalogue; empty where it knows none, and for what is no request. */
  function: string;
  sessions: number;
  requests: number;
  /** Connections that were asked of the proxy. */
  tunnels: number;
  /** Tunnels of which the proxy saw bytes and no requests. */
  not_intercepted: number;
  /** Connections that the kernel saw. */
  connects: number;
  denied: number;
  errors: number;
  bytes_up: number;
  bytes_down: number;
  /** Exchanges of which some bytes were not counted. */
  uncounted: number;
  /** HTTP status and how many answers had it. */
  statuses: { status: number; requests: number }[];
  /** Requests with a credential that `open` of their session does not name. */
  foreign_requests: number;
  fingerprints: Record<FingerprintState, Names>;
  first_t: string;
  last_t: string;
  /** Leaf of the first and of the last event. */
  first: number;
  last: number;
  /** Where `first` and `last` are, when that is one. */
  session: string | null;
}

/** `unknown`: nobody said which credentials the session was given. */
export type FingerprintState = 'provisioned' | 'foreign' | 'unknown';

/** `/v1/sessions/:session/egress`, `/v1/stats/egress`. */
export type EgressAnswer = Egress & AtSize;
