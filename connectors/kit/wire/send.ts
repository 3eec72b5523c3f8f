/**
 * One attempt: encode, sign, connect, send, read the answer, judge it. Whatever happens on the way
 * becomes an outcome; nothing is thrown.
 */
import { readFileSync } from 'node:fs';
import { CONNECTOR_ANSWER_BYTES_MAX } from '@vitrine/schema';
import { type Dispatcher, request as undiciRequest } from 'undici';
import { cutReason, oneLine } from '../classify.ts';
import type { Clock } from '../clock.ts';
import type { DeliverableAlert, HttpAnswer, Outcome } from '../contract.ts';
import type { ConfiguredConnector, HttpTransport } from '../define.ts';
import { ConnectorError, systemCode } from '../error.ts';
import type { SecretReader } from '../secret.ts';
import { AddressPolicy } from './address.ts';
import { type ConnectTrace, guardedAgent } from './agent.ts';

/** The way to one destination; delivery needs no more than this. */
export interface Wire {
  /** Never rejects. An abort is an outcome to retry: the destination may have the alert. */
  send(alert: DeliverableAlert, signal: AbortSignal): Promise<Outcome>;
  /** Whether a secret file is not what it was at the last attempt. */
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
}

/** Throws CONNECTOR_CONFIG_INVALID when `ca_file` cannot be read. */
export function openHttpWire(options: WireOptions): Wire {
  const { connector, secrets, connectMs, trace } = options;
  const agent = guardedAgent({
    policy: new AddressPolicy(connector.settings.allow),
    connectMs,
    authorities: readAuthorities(connector.settings.ca_file),
    ...(trace === undefined ? {} : { trace }),
  });
  return {
    async send(alert, signal) {
      const outcome = await attempt(options, agent, alert, signal);
      return cleaned(outcome, secrets);
    },
    secretsChanged: () => secrets.changed(),
    close: () => agent.destroy(),
  };
}

async function attempt(
  options: WireOptions,
  agent: Dispatcher,
  alert: DeliverableAlert,
  stop: AbortSignal,
): Promise<Outcome> {
  const { connector, secrets, clock, attemptMs } = options;
  const transport = connector.transport as HttpTransport;
  let body: Uint8Array;
  try {
    body = connector.encode(alert);
  } catch (error) {
    return { kind: 'dead', reason: `cannot be encoded: ${textOf(error)}` };
  }
  const deadline = AbortSignal.timeout(attemptMs);
  try {
    const items = [{ id: alert.id, bytes: body }];
    const made = transport.request({ items, atMs: clock.now(), attempt: 1 }, secrets);
    const { url, method, headers } = made;
    const signal = AbortSignal.any([stop, deadline]);
    const dispatcher = agent;
    const answer = await undiciRequest(url, {
      method,
      headers,
      body: made.body ?? null,
      signal,
      dispatcher,
    });
    const read = await readAnswer(answer, clock);
    return transport.classify(read, items, secrets);
  } catch (error) {
    if (deadline.aborted) return { kind: 'retry', reason: `no answer within ${attemptMs} ms` };
    return failureOf(error);
  }
}

/** A failure before an answer: the settings' fault, or one that passes. */
function failureOf(error: unknown): Outcome {
  if (error instanceof ConnectorError) {
    return { kind: 'pause', reason: `${error.code}: ${error.message}; ${error.hint}` };
  }
  const code = systemCode(error);
  if (code === 'UND_ERR_INVALID_ARG' || code === 'ERR_INVALID_URL') {
    return { kind: 'pause', reason: `the request cannot be made: ${textOf(error)}` };
  }
  return { kind: 'retry', reason: textOf(error) };
}

async function readAnswer(response: Dispatcher.ResponseData, clock: Clock): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Leaving the loop destroys the body: an endless answer ends here.
    if (bytes >= CONNECTOR_ANSWER_BYTES_MAX) break;
  }
  const body = Buffer.concat(chunks).subarray(0, CONNECTOR_ANSWER_BYTES_MAX).toString('utf8');
  const headers = Object.entries(response.headers).map(([name, value]) => {
    return [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : (value ?? '')] as const;
  });
  const { statusCode: status } = response;
  return { status, headers: Object.fromEntries(headers), body, receivedAtMs: clock.now() };
}

/** Secrets go before the text is cut, or half of one would remain. */
function cleaned(outcome: Outcome, secrets: SecretReader): Outcome {
  const clean = (text: string): string => cutReason(secrets.scrub(oneLine(text)));
  if ('answer' in outcome) return { ...outcome, answer: clean(outcome.answer) };
  return { ...outcome, reason: clean(outcome.reason) };
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = systemCode(error);
  // Several refused addresses of one name are an AggregateError without a message.
  return [code, error.message].filter((part) => part !== undefined && part !== '').join(': ');
}

function readAuthorities(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const message = `ca_file: cannot read ${path} (${systemCode(cause) ?? 'unknown'})`;
    const hint = 'name a PEM file of certificate authorities';
    throw new ConnectorError('CONNECTOR_CONFIG_INVALID', message, hint, { cause });
  }
}
