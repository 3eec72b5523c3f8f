/** What the collector's API answers about connectors, their tests and their dead letters. */

export type ConnectorState = 'running' | 'retrying' | 'paused' | 'stopped';

export interface ConnectorItem {
  name: string;
  type: string;
  /** What "delivered" means: it said so, it did not refuse, or it was handed to the network. */
  guarantee: 'answered' | 'settled' | 'lossy';
  state: ConnectorState;
  /** Alerts that wait. */
  lag: number;
  /** Age of the oldest of them. */
  lagMs: number;
  delivered: number;
  failed: number;
  failures: { retry: number; split: number; dead: number; pause: number };
  retries: number;
  inFlight: number;
  unconfirmed: number;
  breaker: 'closed' | 'open';
  pausedBy: 'person' | 'answers' | null;
  pausedReason: string | null;
  /** Dead letters that wait for a person. */
  dead: number;
  lastError: string | null;
  lastErrorHint: string | null;
  /** Unix milliseconds, as is `lastSuccessAt`. */
  lastErrorAt: number | null;
  lastSuccessAt: number | null;
}

export interface ConnectorsAnswer {
  items: ConnectorItem[];
}

/** Secrets are `{env}` or `{file}`. */
export type ConnectorAnswer = ConnectorItem & { settings: Record<string, unknown> };

export interface DeadLetter {
  id: string;
  log: string;
  index: number;
  session: string;
  rule: string;
  reason: string;
  attempts: number;
  /** Unix nanoseconds, decimal text. */
  at: string;
}

export interface TestStep {
  step: string;
  ok: boolean;
  ms: number;
  detail: string;
}

export interface TestReport {
  ok: boolean;
  confirmed: boolean;
  alert: string;
  steps: TestStep[];
}

/** A line of a test that is under way. */
export interface TestLine {
  step?: TestStep;
  report?: TestReport;
  error?: { code: string; message: string; hint: string };
}
