/** Leaves beside the chains, and statements that contradict each other (LOG.md §5, step 7). */
import { VERDICT_FAILURES_MAX, VERDICT_ITEMS_MAX } from '@vitrine/schema/record';
import { type Case, proofOf, WRONG } from './case.ts';
import { toldBy } from './chains.ts';
import { formFault, placeFault, sealFault } from './record.ts';
import type { Chain, ChainRecord, Said, SealBody, Told } from './types.ts';

/** Read before step 6, which asks what they say; what is wrong with them waits for step 7. */
export function readAttached(c: Case): void {
  const seen = new Set<number>();
  for (const [i, leaf] of c.bundle.attached.entries()) {
    const { index, record } = leaf;
    const at = `attached/${i}`;
    const { value, hash, fault } = c.leaf(record);
    const isSeal = value.kind === 'seal' && value.session === undefined;
    const seal = value as unknown as SealBody;
    const { session, shim, seq, kind } = value as ChainRecord;
    const wrong = fault?.found ?? (isSeal ? sealFault(value) : formFault(value));
    if (isSeal && !wrong && seal.days) c.days.push({ at, day: seal.day!, days: seal.days });
    const chain = isSeal || wrong ? null : `${session}/${shim}`;
    if (i < VERDICT_ITEMS_MAX) c.attachedShown.push({ index, chain, kind: wrong ? null : kind });
    const found = wrong ?? (isSeal ? placeFault(seal, index) : undefined);
    const good = !found && c.includes(hash, leaf);
    if (!good && c.attachedFailures.length < VERDICT_FAILURES_MAX) {
      const expected = found ? 'canonical bytes of a record or seal' : proofOf(index);
      c.attachedFailures.push([fault?.code ?? 1, at, expected, found ?? WRONG]);
    }
    // One index is one leaf: the same again says nothing new.
    if (chain === null || seen.has(index)) continue;
    if (good) seen.add(index);
    c.facts.push({ at, index, hash, chain, seq, kind, told: toldBy(value as ChainRecord) });
  }
}

export function checkAttached(c: Case): void {
  for (const failure of c.attachedFailures) c.check(false, ...failure);
}

/** Everything compared here has been proven to stand under one signed checkpoint. */
export function checkContradictions(c: Case): void {
  if (c.failures.length > 0) return;
  const heads = new Map(c.heads.map((head) => [head.chain, head]));
  const chains = new Map(c.chains.map((chain) => [chain.chain, chain]));
  const shown = c.chains.flatMap((chain) => statementsOf(chain, heads.get(chain.chain)?.seq));
  const said = [...shown, ...c.facts];
  const hashes = new Map<string, string>();
  const closes = new Map<string, number>();
  for (const { chain, seq, told } of said) {
    if (!chain.endsWith('/sup') || told?.kind !== 'close') continue;
    closes.set(chain, Math.min(seq, closes.get(chain) ?? seq));
  }
  for (const { chain, seq, hash, at, told } of said) {
    const name = `seq ${seq} of ${chain}`;
    const check = (kept: boolean, expected: string, found = name): boolean =>
      c.check(kept, 5, at, expected, found);
    const { leaves = [], first = 0 } = chains.get(chain) ?? {};
    const other = leaves[seq - first] ?? hashes.get(name) ?? hash;
    check(other === hash, `one record with ${name}`, 'another one');
    hashes.set(name, hash);
    const close = closes.get(chain) ?? seq;
    check(seq <= close, `nothing in ${chain} after its close, seq ${close}`);
    const head = heads.get(chain) ?? { seq, hash, at };
    const end = `the head of ${chain}, seq ${head.seq} (${head.at})`;
    check(seq <= head.seq, `no record beyond ${end}`);
    check(seq !== head.seq || hash === head.hash, end, 'another record with its seq');
    // An admit run says that the log took records of a chain up to `last`.
    for (const run of chain === 'log/admit' && told ? told.runs : []) {
      const last = heads.get(run.chain)?.seq ?? run.last;
      check(run.last <= last, `no run of ${run.chain} beyond its head`, `a run up to ${run.last}`);
    }
  }
  checkOrder(c);
}

/** The last record of a chain, the one that its head has to be, and what its records say. */
function statementsOf({ at, chain, first, last, leaves, told }: Chain, head = last): Said[] {
  const statement = (seq: number, one?: Told): Said[] => {
    const hash = leaves[seq - first];
    return hash ? [{ at, chain, seq, hash, told: one }] : [];
  };
  return [last, head]
    .flatMap((seq) => statement(seq))
    .concat(told.flatMap((one) => statement(one.seq, one)));
}

/** Heads stand in the order of their chains (§3), and a day has one tree. */
function checkOrder(c: Case): void {
  const heads = c.heads.toSorted((a, b) => a.index - b.index);
  for (const [i, { chain, index, at }] of heads.entries()) {
    const before = heads[i - 1] ?? { chain: '', index: -1 };
    const again = before.index === index && before.chain === chain;
    const sorted = again || (before.index < index && before.chain < chain);
    c.check(sorted, 5, at, 'heads in the order of their chains', `${chain} after ${before.chain}`);
  }
  const trees = new Map<string, string>();
  for (const { at, day, days } of c.days) {
    const tree = `${days.size} ${days.root}`;
    const same = (trees.get(day) ?? tree) === tree;
    c.check(same, 5, at, `one tree of ${day}`, 'a day seal with another');
    trees.set(day, tree);
  }
}
