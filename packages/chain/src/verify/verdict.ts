/** What the verifier is asked and what it answers (LOG.md §5). */

export type Claim =
  | { type: 'session'; session: string }
  | { type: 'range'; chain: string; first: number; last: number }
  | { type: 'event'; index: number }
  | { type: 'absent'; session: string }
  | { type: 'inactive'; session: string; day: string };

/** 0 proven · 1 tampered · 2 malformed · 3 incomplete · 4 untrusted · 5 equivocation */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5;
export type FailureCode = Exclude<ExitCode, 0>;

export type Step =
  | 'form'
  | 'trust'
  | 'pin'
  | 'seal'
  | 'chains'
  | 'claim'
  | 'attached'
  | 'contradictions'
  | 'parts';

export interface VerifyOptions {
  /** Text of a pin: `{"origin","size","root","note"}`. */
  pin?: string | undefined;
  /** Unix nanoseconds. Without it nothing is compared with the present. */
  now?: bigint | undefined;
  /** How old the seal may be; asks for `now`. */
  maxAgeNs?: bigint | undefined;
  expect?: { [what in 'origin' | 'session' | 'chain']?: string | undefined } | undefined;
  requireClosed?: boolean | undefined;
  requireLossless?: boolean | undefined;
  requireParts?: boolean | undefined;
  /** The bytes are the verifier's own: it gives their memory back as soon as it has read them. */
  consume?: boolean | undefined;
  /** Goes on after the first failure and lists the rest. */
  all?: boolean | undefined;
}

export interface Failure {
  code: FailureCode;
  step: Step;
  /** Where in the bundle: a path of members and indices, or `trust`, `pin`, `options`. */
  at: string;
  expected: string;
  found: string;
}

export type ChainState = 'open' | 'closed' | 'lost' | 'not shown';

export interface VerdictChain {
  chain: string;
  records: number;
  first: number;
  last: number;
  state: ChainState;
}

/** A part whose content is gone, and the leaf that says so. */
export interface Redaction {
  chain: string;
  seq: number;
  part: string;
  by: 'redact' | 'expire';
  /** Of the `redact` or `expire` record in the log. */
  index: number;
}

/** A record that says that something was not recorded. */
export interface Loss {
  chain: string;
  seq: number;
  kind: string;
  what: string;
}

export interface Verdict {
  code: ExitCode;
  verdict: 'proven' | 'tampered' | 'malformed' | 'incomplete' | 'untrusted' | 'equivocation';
  claim: Claim | null;
  origin: string | null;
  size: number | null;
  /** Unix nanoseconds, decimal text: time of the seal. */
  sealed_at: string | null;
  /** Unix nanoseconds, decimal text: the earliest cosignature that counts. */
  witnessed_at: string | null;
  /** Names of the witnesses whose cosignature counts. */
  witnesses: string[];
  /** Sentences; none unless `code` is 0. */
  proven: string[];
  not_proven: string[];
  chains: VerdictChain[];
  attached: { index: number; chain: string | null; kind: string | null }[];
  redacted: Redaction[];
  losses: Loss[];
  warnings: string[];
  /** The first failure: it decides the code. */
  failure?: Failure;
  /** With `all`: every failure found, the first one included. */
  failures?: Failure[];
}
