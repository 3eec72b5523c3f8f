/**
 * Leaves beside the chains (LOG.md §5, step 7). They are read before step 6, which asks what they
 * say; what is wrong with them waits for its own step.
 */
import { type JsonObject, VERDICT_FAILURES_MAX } from '@vitrine/schema';
import type { AttachedLeaf } from '../bundle/format.ts';
import { isCount, isKind, isName } from '../record/form.ts';
import { sealFault } from '../seal/form.ts';
import { type AttachedFact, type Case, type Findings, isIncluded } from './case.ts';
import { readLeafText } from './leaf.ts';
import type { Failure } from './verdict.ts';

/** Fills `attached` and `attachedFailures`. */
export function readAttached(c: Case): void {
  for (const [at, leaf] of c.bundle.attached.entries()) {
    const reading = readLeafText(c.primitives.sha256, leaf.record);
    const fault = reading.fault;
    if (fault !== undefined) {
      addFailure(c, { code: fault.code, at, expected: 'canonical bytes', found: fault.found });
    } else {
      const fact = factOf(at, leaf, reading.hash, reading.value);
      if (fact !== undefined) c.attached.push(fact);
    }
    if (isIncluded(c, reading.hash, leaf)) continue;
    const expected = `a proof that it is leaf ${leaf.index}`;
    addFailure(c, { code: 1, at, expected, found: 'one that does not hold' });
  }
}

export function* checkAttached(c: Case): Findings {
  yield* c.attachedFailures;
}

function addFailure(
  c: Case,
  { at, ...failure }: Omit<Failure, 'step' | 'at'> & { at: number },
): void {
  if (c.attachedFailures.length >= VERDICT_FAILURES_MAX) return;
  c.attachedFailures.push({ step: 'attached', at: `attached/${at}`, ...failure });
}

/**
 * `undefined` for a leaf that is neither a record of a chain nor a seal: it only has to be there.
 */
function factOf(
  at: number,
  { index }: AttachedLeaf,
  hash: Uint8Array,
  value: JsonObject,
): AttachedFact | undefined {
  const { session, shim, seq, kind } = value;
  if (sealFault(value) === undefined) {
    return { at, index, hash, chain: null, seq: 0, kind: 'seal', value };
  }
  if (!isName(session) || !isName(shim) || !isCount(seq) || !isKind(kind)) return undefined;
  const asked = shim === 'sup' || session === 'log';
  const chain = `${session}/${shim}`;
  return { at, index, hash, chain, seq, kind, value: asked ? value : undefined };
}
