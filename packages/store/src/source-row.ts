/** Who was heard in a session, as the store answers it. */

/** The newest records of one source in a session, counted by name. */
export interface SourceTail {
  session: string;
  vantage: string;
  /** Of a shim; `service/signal` of another; empty for the relay itself. */
  name: string;
  records: number;
  /** False when a chain of the session has more than what was counted. */
  whole: boolean;
  /** Host clock at its newest record that tells of something else than itself, or null. */
  spoke: string | null;
  /** Host clock at its newest record of all. */
  heard: string;
  kinds: string[];
}

/** What was said about a source itself, in one kind: how often, and the newest record. */
export interface SourceNotice {
  session: string;
  /** Empty for what the collector says. */
  vantage: string;
  name: string;
  kind: string;
  count: number;
  /** Host clock at the newest. */
  heard: string;
  /** The newest record itself. */
  newest: string;
}

export interface SourcesHeard {
  tails: SourceTail[];
  notices: SourceNotice[];
}
