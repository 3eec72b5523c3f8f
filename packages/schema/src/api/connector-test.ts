/** A test of a connector: one alert that says it is a test, sent or only shown. */
import type { Refusal } from './refusal.ts';

export interface TestStep {
  step: 'settings' | 'dns' | 'connect' | 'tls' | 'token' | 'probe' | 'send' | 'confirm';
  ok: boolean;
  /** Milliseconds since the step before. */
  ms: number;
  detail: string;
}

export interface TestReport {
  connector: string;
  type: string;
  /** The destination took the test alert, as far as it can be known. */
  ok: boolean;
  /** It said so itself; `false` beside `ok` where its protocol has no word for that. */
  confirmed: boolean;
  /** Id of the test alert, to look for at the destination. */
  alert: string;
  /** In order; the first that is not ok is the last. A literal address has no `dns`. */
  steps: TestStep[];
}

/** A line of a test that is under way: steps, then a report or why there is none. */
export type TestLine =
  | { step: TestStep; report?: never; error?: never }
  | { step?: never; report: TestReport; error?: never }
  | { step?: never; report?: never; error: Refusal };

/** A body: text, unpacked; base64 where it is no text. */
export interface ShownBody {
  body: string;
  encoding: 'utf8' | 'base64';
  /** Of the body as it would be sent. */
  bytes: number;
}

export interface ShownRequest extends ShownBody {
  /** As the steps of a test are called. */
  step: 'token' | 'probe' | 'send';
  method: string;
  url: string;
  headers: Record<string, string>;
}

/** Of a stream: where it goes, and what goes with the bytes. */
export interface ShownMessage extends ShownBody {
  to: string;
  details: Record<string, string>;
}

/** What a test would send, without secrets. */
export interface DryRun {
  connector: string;
  type: string;
  ok: boolean;
  /** Id of the alert that is in it. */
  alert: string;
  /** Why something is missing below; `null` when all is there. */
  problem: string | null;
  /** In the order in which a test would send them; empty for a stream. */
  requests: ShownRequest[];
  /** `null` for a connector that speaks HTTP. */
  message: ShownMessage | null;
}
