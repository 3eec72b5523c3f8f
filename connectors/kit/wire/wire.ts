/** The way to one destination, whatever it speaks; delivery needs no more than this. */

import { cutReason, oneLine } from '../classify.ts';
import type { Clock } from '../clock.ts';
import type { Item, Outcome } from '../contract.ts';
import type { ConfiguredConnector } from '../define.ts';
import type { SecretReader } from '../secret.ts';
import type { ConnectTrace } from './agent.ts';
import type { Exchange } from './exchange.ts';

export interface Wire {
  /** Requests that may be under way at a time. */
  concurrentMax: number;
  /**
   * Never rejects, and never answers `renew`. An abort is an outcome to retry: the destination may
   * have the alerts. `attempt` counts from 1.
   */
  send(items: Item[], attempt: number, signal: AbortSignal): Promise<Outcome>;
  /** What the destination says of the tickets it gave. Never rejects. */
  confirm(tickets: string[], signal: AbortSignal): Promise<Map<string, boolean> | Outcome>;
  /** How often, and how often at most, `confirm` is called for one ticket. */
  confirms: { pollMs: number; triesMax: number };
  /** Fetches the token that `send` needs; `undefined` where it needs none. Never rejects. */
  authorize(signal: AbortSignal): Promise<Outcome | undefined>;
  /** Asks for the destination's health; `undefined` where the connector has no such request. */
  probe(signal: AbortSignal): Promise<Outcome | undefined>;
  /** Whether a secret or a certificate is not what it was at the last attempt. */
  secretsChanged(): boolean;
  close(): Promise<void>;
}

export interface WireOptions {
  connector: ConfiguredConnector;
  secrets: SecretReader;
  clock: Clock;
  connectMs: number;
  attemptMs: number;
  trace?: ConnectTrace;
  /** Over the network unless a test stands in for it. */
  exchange?: Exchange;
}

/** Of a connector without tickets. */
export const NO_CONFIRMS = { pollMs: 1_000, triesMax: 1 };

/** Secrets go before the text is cut, or half of one would remain. */
export function cleaned(outcome: Outcome, secrets: SecretReader): Outcome {
  const clean = (text: string): string => cutReason(secrets.scrub(oneLine(text)));
  if (outcome.kind === 'partial') {
    const items = outcome.items.map((item) => {
      return item.kind === 'ok' ? item : { ...item, reason: clean(item.reason) };
    });
    return { ...outcome, answer: clean(outcome.answer), items };
  }
  if ('answer' in outcome) return { ...outcome, answer: clean(outcome.answer) };
  return { ...outcome, reason: clean(outcome.reason) };
}
