/** What the API is asked by the commands. */
export interface SessionQuery {
  limit?: number;
  cursor?: string;
  /** Name, id or address. */
  host?: string;
  pid?: number;
  /** What the EDR calls the host. */
  edr_device?: string;
  /** Unix nanoseconds: who had the pid then. */
  at?: string;
}

/** What narrows a view. */
export type ViewQuery = { session?: string | undefined } & Record<
  string,
  string | number | undefined
>;

export interface EventQuery {
  session?: string;
  kind?: string;
  vantage?: string;
  q?: string;
  after?: number;
  limit?: number;
  order?: 'asc' | 'desc';
  /** Session that alerts are about: of a tail. */
  subject?: string;
  /** Of alerts: lists of states and severities, a rule, who has them (`-` for nobody). */
  state?: string;
  severity?: string;
  rule?: string;
  assignee?: string;
}

export interface BundleQuery {
  /** `0` leaves contents out. */
  parts?: 0 | undefined;
  /** Note of a checkpoint the log must have grown out of. */
  from?: string | undefined;
}

export type RedactionRequest = ({ session: string } | { log: string; index: number }) & {
  part: string;
  reason: string;
};
