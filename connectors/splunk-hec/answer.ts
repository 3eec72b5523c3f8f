/**
 * What Splunk's collector says and what follows: the numbered answers of "Troubleshoot HTTP Event
 * Collector" and "About HTTP Event Collector Indexer Acknowledgment". A number counts more than the
 * status, for a proxy in between has statuses of its own.
 */
import { isObject, type JsonObject } from '@vitrine/schema';
import { objectIn } from '../kit/body.ts';
import { classifyAnswer, retryAfterMs } from '../kit/classify.ts';
import type { HttpAnswer, Outcome } from '../kit/contract.ts';

type Meaning = ['ok'] | ['retry' | 'split' | 'pause', hint: string];

/**
 * By `code`, but for those of the health page alone. What concerns settings or the token pauses: no
 * alert is to blame.
 */
const MEANINGS: Record<number, Meaning> = {
  0: ['ok'],
  1: ['pause', 'enable the token in Splunk'],
  2: ['pause', 'something on the way takes the Authorization header away'],
  3: ['pause', 'the secret must be the token alone, without the word Splunk'],
  4: ['pause', 'Splunk does not know this token'],
  5: ['pause', 'something on the way takes the body away'],
  6: ['split', ''],
  7: ['pause', 'let the token write to this index, or set another index'],
  8: ['retry', ''],
  9: ['retry', ''],
  10: ['pause', 'the token has indexer acknowledgement on: set ack: true'],
  11: ['pause', 'set channel to a GUID'],
  12: ['split', ''],
  13: ['split', ''],
  14: ['pause', 'the token has indexer acknowledgement off: enable it, or set ack: false'],
  15: ['split', ''],
  16: ['pause', 'take the token out of the URL'],
  18: ['retry', ''],
  19: ['retry', ''],
  20: ['retry', ''],
  21: ['pause', 'Splunk does not know this token'],
  22: ['pause', 'enable the token in Splunk'],
  23: ['retry', ''],
  26: ['retry', ''],
  27: ['retry', ''],
};

/**
 * `ack`: the alerts are safe only once their ticket is confirmed. The place that an answer names is
 * not believed: code 7 counts from 1 and others from 0, and what stands before it may be stored.
 */
export function classifySplunk(answer: HttpAnswer, ack: boolean): Outcome {
  const said = objectIn(answer.body);
  const outcome = outcomeOf(answer, said);
  return ack && outcome.kind === 'ok' ? acceptedAs(said) : outcome;
}

function outcomeOf(answer: HttpAnswer, said: JsonObject | undefined): Outcome {
  const code = codeOf(said);
  const meaning = code === undefined ? undefined : MEANINGS[code];
  if (meaning === undefined) {
    const outcome = classifyAnswer(answer);
    if (outcome.kind !== 'ok' || said !== undefined) return outcome;
    const what = `HTTP ${answer.status}, but not from a collector`;
    return { kind: 'pause', reason: `${what}: set url to the collector itself` };
  }
  const [kind, hint] = meaning;
  const what = `code ${code}: ${textOf(said)}`;
  if (kind === 'ok') return { kind, answer: what };
  const reason = hint === '' ? what : `${what}; ${hint}`;
  if (kind !== 'retry') return { kind, reason };
  const afterMs = retryAfterMs(answer);
  return afterMs === undefined ? { kind, reason } : { kind, reason, afterMs };
}

/** `{"acks": {"7": true}}`. `false` is pending, lost and unknown alike; `true` is said once. */
export function readAcks(answer: HttpAnswer): Map<string, boolean> | Outcome {
  const acks = objectIn(answer.body)?.acks;
  if (answer.status === 200 && isObject(acks)) {
    return new Map(Object.entries(acks).map(([ticket, is]) => [ticket, is === true]));
  }
  const outcome = classifySplunk(answer, false);
  // An answer without tickets confirms nothing, whatever else it says.
  if (outcome.kind !== 'ok') return outcome;
  return { kind: 'retry', reason: 'the answer has no acknowledgements' };
}

function acceptedAs(said: JsonObject | undefined): Outcome {
  const ackId = said?.ackId;
  if (typeof ackId !== 'number') {
    return { kind: 'pause', reason: `the answer has no ackId; ${MEANINGS[14]![1]}` };
  }
  return { kind: 'accepted', ticket: String(ackId), answer: `ackId ${ackId}` };
}

function codeOf(said: JsonObject | undefined): number | undefined {
  return typeof said?.code === 'number' ? said.code : undefined;
}

function textOf(said: JsonObject | undefined): string {
  return typeof said?.text === 'string' ? said.text : 'no text';
}
