/**
 * What an HTTP answer means where a destination has no rules of its own. Nothing is ever followed,
 * and nothing that a person can repair is dropped.
 */
import { CONNECTOR_REASON_CHARS_MAX, DELIVERY_RETRY_AFTER_MS_MAX } from '@vitrine/schema';
import type { HttpAnswer, Outcome } from './contract.ts';

/** Refusals that credentials or settings cause, whatever the alert: RFC 9110 §15.5, §15.6.2. */
const PAUSING = new Map([
  [401, 'the credentials were refused'],
  [403, 'the credentials do not suffice'],
  [404, 'nothing is at this address'],
  [405, 'what is at this address takes no such request'],
  [407, 'a proxy asks for credentials'],
  [410, 'the destination says that it is gone for good'],
  [501, 'what is at this address takes no such request'],
]);
/** Refusals that pass: 408 timeout, 425 too early, 429 too many. */
const PASSING = new Set([408, 425, 429]);
/** RFC 9110 §5.6.7; `Date.parse` alone would read `-5` as a year. */
const HTTP_DATE = /^[A-Z][a-z]{2,8},? /;

export function classifyAnswer(answer: HttpAnswer): Outcome {
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: 'ok', answer: `HTTP ${status}` };
  if (status >= 300 && status < 400) {
    const reason = `HTTP ${status}: redirects are not followed; configure the final address`;
    return { kind: 'pause', reason };
  }
  const pausing = PAUSING.get(status);
  if (pausing !== undefined)
    return { kind: 'pause', reason: shown(`HTTP ${status}: ${pausing}`, answer) };
  const reason = shown(`HTTP ${status}`, answer);
  if (status < 500 && !PASSING.has(status)) return { kind: 'dead', reason };
  const afterMs = retryAfterMs(answer);
  return afterMs === undefined ? { kind: 'retry', reason } : { kind: 'retry', reason, afterMs };
}

/**
 * `Retry-After` (RFC 9110 §10.2.3) in milliseconds, 0 to `DELIVERY_RETRY_AFTER_MS_MAX`. A date is
 * compared with the answer's own `Date`, so the two clocks need not agree.
 */
export function retryAfterMs(answer: HttpAnswer): number | undefined {
  const text = answer.headers['retry-after']?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return clamp(Number(text) * 1_000);
  const until = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(until)) return undefined;
  const sent = Date.parse(answer.headers.date ?? '');
  return clamp(until - (Number.isNaN(sent) ? answer.receivedAtMs : sent));
}

function clamp(ms: number): number {
  return Math.min(Math.max(ms, 0), DELIVERY_RETRY_AFTER_MS_MAX);
}

/** The destination's first words, which usually are the reason. */
function shown(what: string, { body }: HttpAnswer): string {
  const words = oneLine(body);
  return words === '' ? what : `${what}: ${words}`;
}

/** Without line breaks and control characters; a destination must not write our log's lines. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}

export function cutReason(text: string): string {
  const line = oneLine(text);
  const cut = CONNECTOR_REASON_CHARS_MAX - 1;
  return line.length > CONNECTOR_REASON_CHARS_MAX ? `${line.slice(0, cut).toWellFormed()}…` : line;
}
