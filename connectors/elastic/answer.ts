/**
 * What the answers to `_bulk` mean ("Bulk index or delete documents", "Failure store"): a 200 may
 * hold refusals, so each document is judged by its own item.
 */
import { ELASTIC_ANSWER_BYTES_MAX, isObject, type Json } from '@vitrine/schema';
import { objectIn } from '../kit/body.ts';
import { classifyAnswer } from '../kit/classify.ts';
import type { HttpAnswer, ItemOutcome, Outcome } from '../kit/contract.ts';

const HINTS = new Map([
  [401, 'check the credentials'],
  [403, 'the credentials need the privilege create_doc on the data stream'],
  [404, 'check url, and whether the index template is there'],
]);
const CONFLICT = 'version_conflict_engine_exception';

/** One document's fate, or why nothing can be sent to this stream at all. */
type Judged = { known: boolean; outcome: ItemOutcome } | { pause: string };

/** `sent`: documents of the request. */
export function classifyElastic(answer: HttpAnswer, sent: number): Outcome {
  const { status, body } = answer;
  if (status === 200) return classifyItems(body, sent);
  const hint = HINTS.get(status);
  if (hint !== undefined) {
    return { kind: 'pause', reason: `HTTP ${status}: ${hint}: ${errorIn(objectIn(body))}` };
  }
  if (status === 400 || status === 413) {
    return { kind: 'split', reason: `HTTP ${status}: ${errorIn(objectIn(body))}` };
  }
  const common = classifyAnswer(answer);
  // Another success, or a refusal of the request as such, comes from no `_bulk`.
  if (common.kind !== 'ok' && common.kind !== 'dead') return common;
  return { kind: 'pause', reason: `HTTP ${status}: check url` };
}

function classifyItems(body: string, sent: number): Outcome {
  const found = objectIn(body)?.items;
  const items = Array.isArray(found) ? found : undefined;
  if (items === undefined && sent > 1 && Buffer.byteLength(body) >= ELASTIC_ANSWER_BYTES_MAX) {
    return { kind: 'split', reason: 'HTTP 200 with an answer too long to read' };
  }
  if (items === undefined) {
    return { kind: 'pause', reason: 'HTTP 200 that is no answer to _bulk: check url' };
  }
  // They are matched by place: a list of another length says nothing about any of them.
  if (items.length !== sent) {
    return { kind: 'retry', reason: `${items.length} answers to ${sent} documents` };
  }
  const judged = items.map(judge);
  const blocked = judged.find((item) => 'pause' in item);
  if (blocked !== undefined) return { kind: 'pause', reason: blocked.pause };
  return summed(judged.filter((item) => 'outcome' in item));
}

function summed(judged: Extract<Judged, { known: boolean }>[]): Outcome {
  const items = judged.map(({ outcome }) => outcome);
  const known = judged.filter((item) => item.known).length;
  const count = (kind: string) => items.filter((item) => item.kind === kind).length;
  const created = count('ok') - known;
  const answer = `HTTP 200: ${created} created, ${known} there already`;
  if (count('ok') === items.length) return { kind: 'ok', answer };
  const [first] = items;
  // Nothing got through: the whole cluster is busy, and rests as long as for an HTTP 429.
  if (count('retry') === items.length && first?.kind === 'retry') return first;
  const rest = `${count('retry')} to repeat, ${count('dead')} refused`;
  return { kind: 'partial', answer: `${answer}, ${rest}`, items };
}

function judge(item: Json): Judged {
  const { status, error, failure_store } = memberOf(isObject(item) ? item.create : null);
  const code = typeof status === 'number' ? status : 0;
  const reason = `HTTP 200, item ${code}: ${errorIn({ error })}`;
  if (code >= 200 && code < 300) {
    if (failure_store !== 'used') return { known: false, outcome: { kind: 'ok' } };
    const where = 'in the failure store, where no search and no rule sees it: check the mapping';
    return { known: false, outcome: { kind: 'dead', reason: where } };
  }
  if (code === 409 && memberOf(error).type === CONFLICT) {
    return { known: true, outcome: { kind: 'ok' } };
  }
  const hint = HINTS.get(code);
  if (hint !== undefined) return { pause: `${reason}: ${hint}` };
  const passes = code === 0 || code === 408 || code === 409 || code === 429 || code >= 500;
  return { known: false, outcome: { kind: passes ? 'retry' : 'dead', reason } };
}

/** `{type, reason}`, or the words themselves. */
function errorIn(answer: { error?: Json | undefined } | undefined): string {
  const error = memberOf(answer).error;
  if (typeof error === 'string') return error;
  const { type, reason } = memberOf(error);
  return [type, reason].filter((text) => typeof text === 'string').join(': ') || 'no reason given';
}

function memberOf(value: unknown): Record<string, Json | undefined> {
  return isObject(value) ? value : {};
}
