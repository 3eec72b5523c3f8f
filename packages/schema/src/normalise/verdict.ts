/** Whether something was let through, and how it ended: the same reading for every dialect. */
import { readPath } from '../json.ts';
import type { Facts } from './facts.ts';

export type Verdict = 'allowed' | 'denied';

const ALLOWED = ['accept', 'allow', 'allowed', 'approve', 'approved', 'pass'];
const DENIED = ['reject', 'deny', 'denied', 'block', 'blocked', 'abort', 'refuse', 'rejected'];

/** From the words of decisions and classifiers, which stay where they are, and the proxy's own. */
export function verdictOf(facts: Facts): Verdict | undefined {
  const { record } = facts.entry;
  if (readPath(record, 'http.denied') === true) return 'denied';
  const word = readPath(record, 'decision.value') ?? readPath(record, 'classifier.verdict');
  if (typeof word !== 'string') return undefined;
  if (ALLOWED.includes(word)) return 'allowed';
  return DENIED.includes(word) ? 'denied' : undefined;
}

export interface Outcome {
  /** Undefined where nobody said. */
  ok: boolean | undefined;
  /** Why it failed, in the source's words. */
  reason: string | undefined;
}

export function outcomeOf(facts: Facts): Outcome {
  const reason = facts.firstText('file.errno', 'net.errno', 'http.error', 'tool.error_type');
  const said = ['tool.success', 'auth.success', 'request.success', 'compact.success'].map((path) =>
    facts.flag(path),
  );
  const failed = ['model.error', 'model.refusal', 'egress.error'].includes(facts.entry.kind);
  if (reason !== undefined || failed || said.includes(false)) return { ok: false, reason };
  return { ok: said.includes(true) ? true : undefined, reason: undefined };
}
