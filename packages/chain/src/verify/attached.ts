/** Leaves beside the chains, and statements that contradict each other (LOG.md §5, step 7). */
import { VERDICT_FAILURES_MAX, VERDICT_ITEMS_MAX } from '@vitrine/schema/record';
import type { Case } from './case.ts';
import { toldBy } from './chains.ts';
import { formFault, placeFault, sealFault } from './record.ts';
import type { AttachedLeaf, ChainRecord, Head, SealBody, Statement } from './types.ts';

/** Once there are failures enough, day seals are all that step 6 still asks for. */
const MAY_BE_DAY_SEAL = /"days":/;

/** Read before step 6, which asks what they say; what is wrong with them waits for step 7. */
export function readAttached(c: Case): void {
  const failuresMax = c.in.options.all === true ? VERDICT_FAILURES_MAX : 1;
  const seen = new Set<number>();
  c.in.bundle.attached.each((leaf, i) => {
    const enough = c.attachedFailures.length >= failuresMax;
    if (!enough || MAY_BE_DAY_SEAL.test(leaf.record))
      readLeaf(c, leaf, `attached/${i}`, seen, enough);
  });
}

function readLeaf(c: Case, leaf: AttachedLeaf, at: string, seen: Set<number>, enough: boolean) {
  const { record, index } = leaf;
  const { value, hash, fault } = c.leaf(record);
  const isSeal = value?.kind === 'seal' && value.session === undefined;
  const wrong = value && (isSeal ? sealFault(value) : formFault(value));
  const whole = value !== undefined && wrong === undefined;
  const { day, days } = (whole && isSeal ? value : {}) as Partial<SealBody>;
  if (day !== undefined && days !== undefined) c.days.push({ at, day, days });
  if (enough) return;
  const { session, shim, seq, kind } = (whole ? value : {}) as Partial<ChainRecord>;
  const chain = session === undefined ? null : `${session}/${shim}`;
  const shown = { index, chain, kind: kind ?? null };
  if (c.attachedShown.length < VERDICT_ITEMS_MAX) c.attachedShown.push(shown);
  const misplaced = whole && isSeal ? placeFault(value as unknown as SealBody, index) : undefined;
  const found = fault?.error.message ?? wrong ?? misplaced ?? 'one that does not hold';
  const proof = `a proof that it is leaf ${index}`;
  const expected = whole
    ? misplaced
      ? 'a seal at its place'
      : proof
    : 'canonical bytes of a record';
  const good = whole && misplaced === undefined && c.includes(hash, leaf);
  if (!good) c.attachedFailures.push({ code: fault?.code ?? 1, at, expected, found });
  // One index is one leaf: the same again says nothing new.
  const again = good && seen.has(index);
  seen.add(index);
  if (chain === null || again) return;
  c.facts.push({
    at,
    index,
    hash,
    chain,
    seq: seq!,
    kind: kind!,
    told: toldBy(value as ChainRecord),
  });
}

export function checkAttached(c: Case): void {
  for (const { code, at, expected, found } of c.attachedFailures) {
    c.check(false, code, at, expected, found);
  }
}

/** Everything compared here has been proven to stand under one signed checkpoint. */
export function checkContradictions(c: Case): void {
  if (c.failures.length > 0) return;
  const heads = new Map(c.heads.map((head) => [head.chain, head]));
  const chains = new Map(c.chains.map((chain) => [chain.chain, chain]));
  const seen = new Map<string, string>();
  for (const { chain, seq, hash, at } of c.facts) {
    const bundled = chains.get(chain);
    const other = bundled?.leaves[seq - bundled.first] ?? seen.get(`${chain} ${seq}`) ?? hash;
    c.check(other === hash, 5, at, `one record with seq ${seq} in ${chain}`, 'another one');
    seen.set(`${chain} ${seq}`, hash);
  }
  for (const fact of c.facts) compareWithHead(c, fact, heads.get(fact.chain));
  for (const { chain, last, at, leaves, first } of c.chains) {
    const head = heads.get(chain);
    for (const seq of new Set([last, head?.seq ?? last])) {
      const hash = leaves[seq - first];
      if (hash !== undefined) compareWithHead(c, { at, chain, seq, hash }, head);
    }
  }
  compareRuns(c, heads);
  compareCloses(c);
  compareOrder(c);
}

function compareWithHead(c: Case, { at, chain, seq, hash }: Statement, head?: Head): void {
  if (head === undefined) return;
  const where = `seq ${head.seq} (${head.at})`;
  c.check(seq <= head.seq, 5, at, `no record beyond the head of ${chain}, ${where}`, `seq ${seq}`);
  const same = seq !== head.seq || hash === head.hash;
  c.check(same, 5, at, `the head of ${chain} (${head.at})`, 'another record with its seq');
}

/** An admit run says that the log took records of a chain up to `last`. */
function compareRuns(c: Case, heads: Map<string, Head>): void {
  const bundled = c.chains.flatMap(({ chain, told, at }) => {
    return told.map((one) => ({ chain, told: one, at }));
  });
  for (const { chain: from, told, at } of [...bundled, ...c.facts]) {
    if (from !== 'log/admit') continue;
    for (const { chain, last } of told?.runs ?? []) {
      const head = heads.get(chain);
      const expected = `no run of ${chain} beyond its head, seq ${head?.seq} (${head?.at})`;
      c.check(last <= (head?.seq ?? last), 5, at, expected, `a run up to seq ${last}`);
    }
  }
}

/** Nothing follows the close of a session. */
function compareCloses(c: Case): void {
  const closes = new Map<string, number>();
  const note = (chain: string, { kind, seq }: { kind: string; seq: number }): void => {
    if (!chain.endsWith('/sup') || kind !== 'close') return;
    closes.set(chain, Math.min(seq, closes.get(chain) ?? seq));
  };
  for (const { chain, told } of c.chains) for (const one of told) note(chain, one);
  for (const fact of c.facts) note(fact.chain, fact);
  const ends = c.chains.map(({ chain, last, at }) => ({ chain, seq: last, at }));
  for (const { chain, seq, at } of [...ends, ...c.facts]) {
    const close = closes.get(chain) ?? seq;
    c.check(seq <= close, 5, at, `nothing in ${chain} after its close, seq ${close}`, `seq ${seq}`);
  }
}

/** Heads stand in the order of their chains (§3), and a day has one tree. */
function compareOrder(c: Case): void {
  const heads = c.heads.toSorted((a, b) => a.index - b.index);
  for (const [i, { chain, index, at }] of heads.entries()) {
    const before = heads[i - 1] ?? { chain: '', index: -1 };
    const again = before.index === index && before.chain === chain;
    const sorted = again || (before.index < index && before.chain < chain);
    c.check(sorted, 5, at, `heads in the order of their chains`, `${chain} after ${before.chain}`);
  }
  for (const { at, day, days } of c.days) {
    const { root, size } = c.days.find((other) => other.day === day)!.days;
    const same = root === days.root && size === days.size;
    c.check(same, 5, at, `one tree of ${day}`, 'a day seal with another');
  }
}
