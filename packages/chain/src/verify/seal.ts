/** The last leaf of the tree (LOG.md §5, step 4): what the checkpoint is a checkpoint of. */
import { CLOCK_SKEW_MS_MAX } from '@vitrine/schema/record';
import type { SealBody } from '../seal/form.ts';
import { type Case, type Findings, isIncluded, sealOf } from './case.ts';
import { NS_PER_MS, timeText } from './time.ts';
import type { Failure } from './verdict.ts';

const SKEW_NS = BigInt(CLOCK_SKEW_MS_MAX) * NS_PER_MS;

export function* checkSeal(c: Case): Findings {
  const { fault, hash } = c.seal;
  if (fault !== undefined) yield failure(fault.code, 'a seal', fault.found);
  const { size } = c.bundle.checkpoint;
  const { proof } = c.bundle.seal;
  if (size === 0 || !isIncluded(c, hash, { index: size - 1, proof })) {
    yield failure(1, `a proof that it is leaf ${size - 1} of ${size}`, 'one that does not hold');
  }
  const seal = sealOf(c);
  if (seal === undefined) return;
  yield* checkPlace(seal, size);
  yield* checkTime(c, seal);
}

function* checkPlace(seal: SealBody, size: number): Findings {
  const { first, count, n, prev } = seal;
  if (first + count + 1 !== size) {
    yield failure(1, `first + count + 1 = ${size}`, `${first} + ${count} + 1`);
  }
  if ((prev === null) !== (n === 0)) {
    yield failure(1, 'prev is null exactly in the first seal', `n ${n}`);
  } else if (prev === null) {
    if (first !== 0) yield failure(1, 'first 0 in the first seal', `first ${first}`);
  } else if (prev.size !== first) {
    yield failure(1, `prev of size ${first}`, `prev of size ${prev.size}`);
  }
}

function* checkTime(c: Case, seal: SealBody): Findings {
  const { now, maxAgeNs } = c.options;
  if (now === undefined) return;
  const t = BigInt(seal.t);
  if (t > now + SKEW_NS) yield failure(4, 'a seal of the past', timeText(t));
  if (maxAgeNs !== undefined && t < now - maxAgeNs) {
    yield failure(4, `a seal not older than ${maxAgeNs} ns`, timeText(t));
  }
}

function failure(code: Failure['code'], expected: string, found: string): Failure {
  return { code, step: 'seal', at: 'seal', expected, found };
}
