/**
 * Leaves beside the chains (LOG.md §5, step 7). They are read before step 6, which asks what they
 * say; what is wrong with them waits for its own step.
 */
import { type JsonObject, VERDICT_FAILURES_MAX, VERDICT_ITEMS_MAX } from '@vitrine/schema/record';
import type { AttachedLeaf } from '../bundle/format.ts';
import { eachAttached } from '../bundle/read.ts';
import { hashLeaf } from '../hash/rfc6962.ts';
import { isCount, isKind, isName } from '../record/form.ts';
import { type SealBody, sealFault } from '../seal/form.ts';
import { type AttachedFact, type Case, type Findings, isIncluded } from './case.ts';
import { type LeafFault, readLeafText } from './leaf.ts';
import { toldBy } from './told.ts';
import type { Failure } from './verdict.ts';

const NO_HASH = new Uint8Array(0);

/** Fills `attached`, `attachedShown` and `attachedFailures`. */
export function readAttached(c: Case): void {
  const failuresMax = c.options.all === true ? VERDICT_FAILURES_MAX : 1;
  const seen = new Set<number>();
  let at = 0;
  for (const leaf of eachAttached(c.bundle)) {
    const broken = c.attachedFailures.length >= failuresMax;
    if (!broken) readWhole(c, at, leaf, seen);
    else if (MAY_BE_DAY_SEAL.test(leaf.record)) readDaySeal(c, at, leaf);
    at++;
  }
}

/** Once there are failures enough, day seals are all that step 6 still asks for. */
const MAY_BE_DAY_SEAL = /"days":/;

function readDaySeal(c: Case, at: number, leaf: AttachedLeaf): void {
  const { fault, value } = readLeafText(leaf.record);
  const fact = fault === undefined ? factOf(at, leaf, value) : undefined;
  if (fact?.day !== undefined) c.attached.push(fact);
}

function readWhole(c: Case, at: number, leaf: AttachedLeaf, seen: Set<number>): void {
  const { fault, value, bytes } = readLeafText(leaf.record);
  const fact = fault === undefined ? factOf(at, leaf, value) : undefined;
  show(c, leaf, fact);
  const hash = hashLeaf(c.primitives.sha256, bytes);
  const failure = faultOf(c, at, leaf, hash, fault);
  if (failure !== undefined) c.attachedFailures.push(failure);
  // One index is one leaf: the same again says nothing new.
  const again = failure === undefined && seen.has(leaf.index);
  if (fact !== undefined && !again) c.attached.push({ ...fact, hash });
  seen.add(leaf.index);
}

export function* checkAttached(c: Case): Findings {
  yield* c.attachedFailures;
}

function faultOf(
  c: Case,
  at: number,
  leaf: AttachedLeaf,
  hash: Uint8Array,
  fault: LeafFault | undefined,
): Failure | undefined {
  const where = { step: 'attached', at: `attached/${at}` } as const;
  if (fault !== undefined) return { ...fault, ...where, expected: 'canonical bytes' };
  if (isIncluded(c, hash, leaf)) return undefined;
  const expected = `a proof that it is leaf ${leaf.index}`;
  return { code: 1, ...where, expected, found: 'one that does not hold' };
}

function show(c: Case, { index }: AttachedLeaf, fact: AttachedFact | undefined): void {
  if (c.attachedShown.length >= VERDICT_ITEMS_MAX) return;
  c.attachedShown.push({ index, chain: fact?.chain ?? null, kind: fact?.kind ?? null });
}

/**
 * `undefined` for a leaf that is neither a record of a chain nor a seal: it only has to be there.
 */
function factOf(at: number, { index }: AttachedLeaf, value: JsonObject): AttachedFact | undefined {
  const { session, shim, seq, kind } = value;
  if (sealFault(value) === undefined) {
    const { day, days } = value as unknown as SealBody;
    const sealed = day === undefined || days === undefined ? undefined : { day, days };
    return { at, index, hash: NO_HASH, chain: null, seq: 0, kind: 'seal', day: sealed };
  }
  if (!isName(session) || !isName(shim) || !isCount(seq) || !isKind(kind)) return undefined;
  const told = toldBy({ ...value, session, shim, seq, kind });
  return { at, index, hash: NO_HASH, chain: `${session}/${shim}`, seq, kind, told };
}
