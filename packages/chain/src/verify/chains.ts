/**
 * Every chain, record by record, and its place in the log (LOG.md §5, step 5). Records are read and
 * let go: only what later steps ask of them is kept, so that memory stays near the size of the
 * file.
 */
import { isObject } from '@vitrine/schema/record';
import { encodeBase64 } from '../base64.ts';
import type { BundleChain } from '../bundle/format.ts';
import { eachRecord } from '../bundle/read.ts';
import { hashLeaf } from '../hash/rfc6962.ts';
import { writeCanonical } from '../record/canonical.ts';
import { examineRecord, type RecordFault } from '../record/examine.ts';
import type { ChainRecord } from '../record/form.ts';
import {
  type Case,
  type CheckedChain,
  type Findings,
  isIncluded,
  isInTree,
  lastSeq,
  leafOf,
  sealOf,
} from './case.ts';
import { lossOf } from './loss.ts';
import { isBefore } from './time.ts';
import { toldBy } from './told.ts';
import type { Failure } from './verdict.ts';

const HASH_BYTES = 32;
const LEAVES_AT_FIRST = 64;
const ZERO_HASH = new Uint8Array(HASH_BYTES);
const encoder = new TextEncoder();

const FAULT_CODES: Record<RecordFault['rule'], Failure['code']> = {
  json: 2,
  form: 1,
  chain: 1,
  seq: 3,
  prev: 1,
};

export function* checkChains(c: Case): Findings {
  for (const [at, chain] of c.bundle.chains.entries()) {
    const checked = emptyChain(chain, at);
    c.chains.push(checked);
    const fault = readRecords(c, chain, checked);
    if (fault !== undefined) {
      // Nothing can be said about the place of a chain whose last record was not reached.
      yield fault;
      continue;
    }
    yield* checkPlace(c, chain, checked);
  }
}

function emptyChain(bundled: BundleChain, at: number): CheckedChain {
  const { chain, first, records } = bundled;
  const slash = chain.indexOf('/');
  return {
    chain,
    session: chain.slice(0, slash),
    shim: chain.slice(slash + 1),
    first,
    count: 0,
    leaves: new Uint8Array(HASH_BYTES * Math.min(records.count, LEAVES_AT_FIRST)),
    told: [],
    commitments: new Map(),
    at,
    headProven: false,
    state: 'not shown',
  };
}

function readRecords(c: Case, bundled: BundleChain, checked: CheckedChain): Failure | undefined {
  const { chain, first } = bundled;
  let i = 0;
  let prev: Uint8Array | null = first === 0 ? ZERO_HASH : null;
  for (const text of eachRecord(c.bundle, bundled)) {
    const place = { chain, seq: first + i, prev };
    const examined = examineRecord(place, text, encoder.encode(text), c.primitives.sha256);
    if (examined.fault !== undefined) {
      const { rule, expected, found } = examined.fault;
      const at = `chains/${checked.at}/records/${i}`;
      return { code: FAULT_CODES[rule], step: 'chains', at, expected, found };
    }
    const { record, leaf } = examined;
    prev = leaf;
    i++;
    keepLeaf(checked, leaf);
    keepFacts(c, checked, record);
  }
  return undefined;
}

/** Room grows with the records that were found whole, not with those that are claimed. */
function keepLeaf(checked: CheckedChain, leaf: Uint8Array): void {
  const at = checked.count++ * HASH_BYTES;
  if (at === checked.leaves.length) {
    const grown = new Uint8Array(2 * at);
    grown.set(checked.leaves);
    checked.leaves = grown;
  }
  checked.leaves.set(leaf, at);
}

function keepFacts(c: Case, checked: CheckedChain, record: ChainRecord): void {
  const { seq, parts } = record;
  if (Object.keys(parts).length > 0) checked.commitments.set(seq, { parts, given: new Set() });
  if (seq === 0 && isObject(record.previous)) checked.previous = record.previous;
  const told = toldBy(record);
  if (told !== undefined) checked.told.push(told);
  const loss = lossOf(checked, record);
  if (loss !== undefined) c.losses.push(loss);
  const { period } = c;
  if (period.from === null || isBefore(record.t, period.from)) period.from = record.t;
  if (period.to === null || isBefore(period.to, record.t)) period.to = record.t;
}

function* checkPlace(c: Case, bundled: BundleChain, checked: CheckedChain): Findings {
  const at = `chains/${checked.at}`;
  const seq = lastSeq(checked);
  const leaf = leafOf(checked, seq)!;
  if (!isIncluded(c, leaf, bundled.tip)) {
    const expected = `a proof that seq ${seq} is leaf ${bundled.tip.index}`;
    yield failure(1, `${at}/tip`, expected, 'one that does not hold');
  }
  const { head } = bundled;
  if (head === undefined) return;
  const heads = sealOf(c)?.heads ?? null;
  if (heads === null) {
    yield failure(3, `${at}/head`, 'a seal with heads', 'a seal without');
    return;
  }
  const { chain } = checked;
  const text = writeCanonical({ chain, head: encodeBase64(leaf), seq });
  if (!isInTree(c, heads, hashLeaf(c.primitives.sha256, text), head)) {
    const expected = `a proof that the chain ends at seq ${seq} in the heads of the seal`;
    yield failure(1, `${at}/head`, expected, 'one that does not hold');
    return;
  }
  checked.headProven = true;
  checked.state = 'open';
  c.heads.push({ chain, seq, hash: leaf, where: `${at}/head` });
}

function failure(code: Failure['code'], at: string, expected: string, found: string): Failure {
  return { code, step: 'chains', at, expected, found };
}
