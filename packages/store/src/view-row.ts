/**
 * Files and egress of sessions, summed over events. Each answer says of how many events it was
 * made; what was seen from different vantages stays apart. Times are unix nanoseconds.
 */

/** Of how many events a view is made, and how many there are. */
export interface Looked {
  events: number;
  of: number;
}

/** A few names, sorted, and how many different ones there are. */
export interface Names {
  names: string[];
  of: number;
}

export const FILE_SORTS = [
  'path',
  'reads',
  'writes',
  'deletes',
  'denied',
  'first',
  'last',
] as const;
export type FileSort = (typeof FILE_SORTS)[number];

/** What a file must have seen to be listed. */
export const FILE_OPS = ['read', 'write', 'delete', 'denied', 'other'] as const;
export type FileOp = (typeof FILE_OPS)[number];

export interface FileQuery {
  log: string;
  size: number;
  session: string;
  limit: number;
  vantages?: string[];
  /** Part of the path, or of where it led, in any case. */
  text?: string;
  op?: FileOp;
  /** `ro`, `rw`, `rw_no_delete`. */
  mode?: string;
  sort?: FileSort;
  order?: 'asc' | 'desc';
}

export interface Files {
  items: FileItem[];
  /** Rows that the filter leaves; `items` has the first of them. */
  of: number;
  looked: Looked;
}

/** One path as it was asked for, as one vantage saw it. */
export interface FileItem {
  vantage: string;
  /** Its first characters; `chars` says how many it has. */
  path: string;
  chars: number;
  /** Where it led to, where that is another path. */
  real: Names;
  reads: number;
  /** Written, created, truncated. */
  writes: number;
  /** Deleted, or as good as that: replaced or moved away. */
  deletes: number;
  /** Refused by the kernel; counted nowhere else. */
  denied: number;
  /** Renamed, linked, mounted, opened for nothing that is known. */
  other: number;
  /** Modes of the granted directories it lies in. */
  modes: string[];
  /** `shim/pid exe` of whoever did it. */
  processes: Names;
  /** An attribution by the process tree, where the observer stands outside the agent. */
  agents: Names;
  first_t: string;
  last_t: string;
  /** Leaf of the first and of the last event. */
  first: number;
  last: number;
}

export interface EgressQuery {
  log: string;
  size: number;
  /** Of one session, or of all. */
  session?: string;
  from?: string;
  to?: string;
  vantages?: string[];
  /** Part of the host, in any case. */
  host?: string;
  limit: number;
}

export interface Egress {
  items: EgressItem[];
  of: number;
  looked: Looked;
}

/** One host and one of its functions, as one vantage saw it. */
export interface EgressItem {
  vantage: string;
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
  /** Whether some bytes were not counted. */
  uncounted: number;
  /** HTTP status and how many answers had it. */
  statuses: { status: number; requests: number }[];
  /** Requests with a credential that `open` of their session does not name. */
  foreign_requests: number;
  fingerprints: Record<FingerprintState, Names>;
  first_t: string;
  last_t: string;
  first: number;
  last: number;
  /** Where `first` and `last` are, when that is one. */
  session: string | null;
}

/** `unknown`: nobody said which credentials the session was given. */
export type FingerprintState = 'provisioned' | 'foreign' | 'unknown';
