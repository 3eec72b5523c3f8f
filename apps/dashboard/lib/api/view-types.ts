/**
 * What the analyst's views answer (`docs/reference/api.md`). Times are texts of nanoseconds; a view
 * says of how many events it is made.
 */

/** Of how many events a view is made, and how many there are. */
export interface Looked {
  events: number;
  of: number;
}

/** A few names, and how many different ones there are. */
export interface Names {
  names: string[];
  of: number;
}

export interface FileItem {
  vantage: string;
  /** Its first characters; `chars` says how many it has. */
  path: string;
  chars: number;
  /** Where it led to, where that is another path. */
  real: Names;
  reads: number;
  writes: number;
  deletes: number;
  denied: number;
  other: number;
  modes: string[];
  /** `shim/pid exe` */
  processes: Names;
  agents: Names;
  first_t: string;
  last_t: string;
  /** Leaves. */
  first: number;
  last: number;
}

export interface Files {
  items: FileItem[];
  of: number;
  looked: Looked;
}

export interface EgressItem {
  vantage: string;
  host: string;
  function: string;
  sessions: number;
  requests: number;
  tunnels: number;
  /** Of the tunnels: only bytes were seen. */
  not_intercepted: number;
  /** By the kernel. */
  connects: number;
  denied: number;
  errors: number;
  bytes_up: number;
  bytes_down: number;
  uncounted: number;
  statuses: { status: number; requests: number }[];
  foreign_requests: number;
  fingerprints: { provisioned: Names; foreign: Names; unknown: Names };
  first_t: string;
  last_t: string;
  first: number;
  last: number;
}

export interface Egress {
  items: EgressItem[];
  of: number;
  looked: Looked;
}

export interface ProcessCounts {
  reads: number;
  writes: number;
  deletes: number;
  denied: number;
  egress: number;
  alerts: number;
}

export interface ProcessItem {
  /** Place in the list; a parent stands before its children. */
  n: number;
  parent: number | null;
  /** Leaf that it was first seen in. */
  index: number;
  t: string;
  shim: string;
  vantage: string;
  pid: number;
  ppid: number;
  exe: string;
  /** Leaf of its last start of a program. */
  exec: number | null;
  argv: string[];
  argc: number | null;
  /** Its words are in part `argv` of that leaf. */
  argv_part: boolean;
  uid: number | null;
  execs: number;
  exit: { index: number; t: string; code: number | null; signal: string | null } | null;
  agents: string[];
  children: number;
  descendants: number;
  own: ProcessCounts;
  total: ProcessCounts;
}

export interface ProcessTree {
  processes: ProcessItem[];
  whole: boolean;
  records: Looked;
  counted: Looked;
  unplaced: { egress: number; alerts: number };
}

export interface ApprovalFigures {
  decisions: number;
  human: number;
  automatic: number;
  unsaid: number;
  accepted: number;
  refused: number;
  ratio: number | null;
  per_hour: number | null;
  waited_ms: { known: number; p50: number; p95: number; fast: number } | null;
  first_t: string;
  last_t: string;
  vantages: Record<string, number>;
}

export interface ToolApprovals extends ApprovalFigures {
  tool: string;
}

export interface UserApprovals extends ApprovalFigures {
  user: string;
  named_by: 'host' | 'agent' | null;
  sessions: number;
  tools: ToolApprovals[];
  tools_of: number;
}

interface ApprovalPlace {
  session: string;
  index: number;
  t: string;
  tool: string;
}

export interface RubberStampRun {
  user: string;
  accepts: number;
  first: ApprovalPlace;
  last: ApprovalPlace;
  p50_ms: number;
  tools: Names;
}

export interface ApprovedIncident {
  alert: { index: number; t: string; rule: string; title: string; severity: string };
  approval: ApprovalPlace & { user: string };
  accepts: number;
  after_ms: number;
}

export interface ApprovalsAnswer {
  users: UserApprovals[];
  users_of: number;
  runs: RubberStampRun[];
  runs_of: number;
  incidents: ApprovedIncident[];
  incidents_of: number;
  looked: Looked;
}
