/** Leaves beside the chains, and statements that contradict each other (LOG.md §5, step 7). */
import { VERDICT_FAILURES_MAX, VERDICT_ITEMS_MAX } from '@vitrine/schema/record';
import type { Case } from './case.ts';
import { toldBy } from './chains.ts';
import { isCount, isKind, isName, sealFault } from './record.ts';
import type { ChainRecord, SealBody, Statement } from './types.ts';

/** Once there are failures enough, day seals are all that step 6 still asks for. */
const MAY_BE_DAY_SEAL = /"days":/;

/** Read before step 6, which asks what they say; what is wrong with them waits for step 7. */
export function readAttached(c: Case): void {
  const failuresMax = c.in.options.all === true ? VERDICT_FAILURES_MAX : 1;
  const seen = new Set<number>();
  c.in.bundle.attached.each(({ record, index, proof }, i) => {
    const broken = c.attachedFailures.length >= failuresMax;
    if (broken && !MAY_BE_DAY_SEAL.test(record)) return;
    const at = `attached/${i}`;
    const { value = {}, hash, fault } = c.leaf(record);
    const { session, shim, seq, kind } = value;
    const isSeal = sealFault(value) === undefined;
    const isRecord = !isSeal && isName(session) && isName(shim) && isCount(seq) && isKind(kind);
    if (isSeal) {
      const { day, days } = value as unknown as SealBody;
      if (day !== undefined && days !== undefined) c.days.push({ day, days });
    }
    if (broken) return;
    const chain = isRecord ? `${session}/${shim}` : null;
    const shown = isSeal || isRecord ? (kind as string) : null;
    if (c.attachedShown.length < VERDICT_ITEMS_MAX)
      c.attachedShown.push({ index, chain, kind: shown });
    // One index is one leaf: the same again says nothing new.
    const again = seen.has(index);
    const included = fault === undefined && c.includes(hash, { index, proof });
    const expected = fault ? 'canonical bytes' : `a proof that it is leaf ${index}`;
    const found = fault?.error.message ?? 'one that does not hold';
    if (!included) c.attachedFailures.push({ code: fault?.code ?? 1, at, expected, found });
    seen.add(index);
    if (!isRecord || (included && again)) return;
    const told = toldBy(value as ChainRecord);
    c.facts.push({ at, index, hash, chain: `${session}/${shim}`, seq, kind, told });
  });
}

export function checkAttached(c: Case): void {
  for (const { code, at, expected, found } of c.attachedFailures) c.fail(code, at, expected, found);
}

/** Everything compared here has been proven to stand under one signed checkpoint. */
export function checkContradictions(c: Case): void {
  if (c.failures.length > 0) return;
  const chains = new Map(c.chains.map((chain) => [chain.chain, chain]));
  const seen = new Map<string, string>();
  for (const { chain, seq, hash, at } of c.facts) {
    const bundled = chains.get(chain);
    const other = bundled?.leaves[seq - bundled.first] ?? seen.get(`${chain} ${seq}`) ?? hash;
    if (other !== hash) c.fail(5, at, `one record with seq ${seq} in ${chain}`, 'another one');
    seen.set(`${chain} ${seq}`, hash);
  }
  for (const fact of c.facts) compareWithHead(c, fact);
  for (const { chain, last: seq, at, leaves, first } of c.chains) {
    const head = c.heads.get(chain)?.seq ?? -1;
    compareWithHead(c, { at, chain, seq, hash: leaves.at(-1)! });
    const hash = leaves[head - first];
    if (hash !== undefined && head !== seq) compareWithHead(c, { at, chain, seq: head, hash });
  }
  compareRuns(c);
  compareCloses(c);
}

function compareWithHead(c: Case, { at, chain, seq, hash }: Statement): void {
  const head = c.heads.get(chain);
  if (head === undefined) return;
  const said = `${chain}, seq ${head.seq} (${head.at})`;
  if (seq > head.seq) c.fail(5, at, `no record beyond the head of ${said}`, `seq ${seq}`);
  else if (seq === head.seq && hash !== head.hash) {
    c.fail(5, at, `the head of ${chain} (${head.at})`, 'another record with its seq');
  }
}

/** An admit run says that the log took records of a chain up to `last`. */
function compareRuns(c: Case): void {
  const bundled = c.chains.flatMap(({ chain, told, at }) =>
    told.map((one) => ({ chain, told: one, at })),
  );
  for (const { chain: from, told, at } of [...bundled, ...c.facts]) {
    if (from !== 'log/admit') continue;
    for (const { chain, last } of told?.runs ?? []) {
      const head = c.heads.get(chain);
      if (head === undefined || last <= head.seq) continue;
      const expected = `no run of ${chain} beyond its head, seq ${head.seq} (${head.at})`;
      c.fail(5, at, expected, `a run up to seq ${last}`);
    }
  }
}

/** Nothing follows the close of a session. */
function compareCloses(c: Case): void {
  const closes = new Map<string, number>();
  const note = (
    chain: string,
    shim: string,
    { kind, seq }: { kind: string; seq: number },
  ): void => {
    if (shim !== 'sup' || kind !== 'close') return;
    closes.set(chain, Math.min(seq, closes.get(chain) ?? seq));
  };
  for (const { chain, shim, told } of c.chains) for (const one of told) note(chain, shim, one);
  for (const fact of c.facts) note(fact.chain, fact.chain.split('/')[1]!, fact);
  const ends = c.chains.map(({ chain, last, at }) => ({ chain, seq: last, at }));
  for (const { chain, seq, at } of [...ends, ...c.facts]) {
    const close = closes.get(chain) ?? seq;
    if (seq > close)
      c.fail(5, at, `nothing in ${chain} after its close, seq ${close}`, `seq ${seq}`);
  }
}
