/** What the bundle says it proves (LOG.md §4 and §5, step 6). */
import { isHash } from './bytes.ts';
import { type Case, isOfShard } from './case.ts';
import { isChainName, isCount } from './record.ts';
import { checkSession } from './session.ts';
import type { Claim, SealedTree, Statement } from './types.ts';

const NEIGHBOURS_MAX = 2;

/** What the auditor asked for, against what the bundle is about (end of step 1). */
export function checkExpected(c: Case): void {
  const { claim, checkpoint } = c.in.bundle;
  const { origin, session, chain } = c.in.options.expect ?? {};
  const about = claim.type === 'range' ? claim.chain : undefined;
  const of = 'session' in claim ? claim.session : about?.split('/')[0];
  const check = (at: string, what: string, asked: string | undefined, is: string | undefined) => {
    const fits = asked === undefined || asked === is;
    if (!fits) c.fail(4, at, `${what} ${asked}`, is ?? `a claim about no ${what}`);
  };
  check('checkpoint', 'origin', origin, checkpoint.origin);
  check('claim', 'session', session, of);
  check('claim', 'chain', chain, about);
}

export function checkClaim(c: Case): void {
  const { bundle, options } = c.in;
  const { claim } = bundle;
  if (claim.type === 'session') checkSession(c, claim.session);
  if (claim.type === 'range') checkRange(c, claim);
  if (claim.type === 'event') checkEvent(c, claim.index);
  if (claim.type === 'absent') checkAbsent(c, claim.session);
  if (claim.type === 'inactive') checkInactive(c, claim.session, claim.day);
  const asked = options.requireClosed === true || options.requireLossless === true;
  if (claim.type === 'session' || !asked) return;
  c.warnings.push(`require-closed and require-lossless say nothing about a ${claim.type} claim.`);
}

function checkRange(c: Case, { chain, first, last }: Extract<Claim, { type: 'range' }>): void {
  const { chains } = c.in.bundle;
  const [only] = c.chains;
  const exact = chains.length === 1 && only?.chain === chain;
  if (exact && only.first === first && only.last === last) return;
  const found = chains.map((x) => `${x.chain} from ${x.first}, ${x.records.count} records`);
  const expected = `the records ${first} to ${last} of ${chain}, and no others`;
  c.fail(3, 'chains', expected, found.slice(0, 3).join('; ') || 'no chain');
}

function checkEvent(c: Case, index: number): void {
  let there = false;
  c.in.bundle.attached.each((leaf) => {
    there ||= leaf.index === index;
  });
  if (!there) c.fail(3, 'attached', `leaf ${index}`, 'none with that index');
}

function checkAbsent(c: Case, session: string): void {
  warnOfOtherShard(c, session);
  const heads = c.seal?.heads ?? null;
  if (heads === null) {
    c.fail(3, 'seal', 'heads', 'none');
    return;
  }
  for (const head of checkNeighbours(c, session, heads)) c.heads.set(head.chain, head);
}

function checkInactive(c: Case, session: string, day: string): void {
  warnOfOtherShard(c, session);
  const [first] = c.days;
  const seal = c.days.find((candidate) => candidate.day === day);
  const expected = `the day seal of ${day}`;
  if (first === undefined) c.fail(3, 'attached', expected, 'no day seal');
  else if (seal === undefined) c.fail(1, 'attached', expected, `that of ${first.day}`);
  else checkNeighbours(c, session, seal.days);
}

/** In a log of another shard every session is absent: true, and easily misunderstood. */
function warnOfOtherShard(c: Case, session: string): void {
  const { origin } = c.in.bundle.checkpoint;
  if (isOfShard(c.in.sha256, session, origin)) return;
  c.warnings.push(`Session ${session} belongs into another log than ${origin}.`);
}

/** The neighbours, if all of them are proven to stand in the tree. */
function checkNeighbours(c: Case, session: string, tree: SealedTree): Statement[] {
  const { neighbours } = c.in.bundle;
  const heads: (Statement & { index: number })[] = [];
  if (neighbours === undefined) {
    c.fail(3, 'neighbours', 'the leaves around the place of the session', 'none');
    return heads;
  }
  const { count } = neighbours;
  if (count > NEIGHBOURS_MAX) {
    c.fail(1, 'neighbours', 'two leaves at most', `${count}`);
    return heads;
  }
  neighbours.each((neighbour, i) => {
    const at = `neighbours/${i}`;
    const { value = {}, fault, hash: leaf } = c.leaf(neighbour.leaf);
    const { chain, head: hash, seq } = value;
    const known = isChainName(chain) && isHash(hash) && isCount(seq);
    if (!known || Object.keys(value).length !== 3) {
      const found = fault?.error.message ?? 'other members';
      c.fail(fault?.code ?? 1, at, 'a leaf {chain, head, seq}', found);
    } else if (c.includes(leaf, neighbour, tree)) {
      heads.push({ at, chain, hash, seq, index: neighbour.index });
    } else {
      const expected = `a proof that it is leaf ${neighbour.index} of the tree`;
      c.fail(1, at, expected, 'one that does not hold');
    }
  });
  if (heads.length < count) return [];
  const found = heads.map(({ index, chain }) => `${index} ${chain}`).join(', ') || 'none';
  const expected = `adjacent leaves before ${session}/ and from ${session}0 on`;
  if (!isAround(session, tree.size, heads)) c.fail(1, 'neighbours', expected, found.slice(0, 300));
  return heads;
}

/** Chain names are ASCII: code units order them as their bytes do, and `0` follows `/`. */
function isAround(session: string, size: number, leaves: { index: number; chain: string }[]) {
  const isLeft = ({ chain }: { chain: string }): boolean => chain < `${session}/`;
  const isRight = ({ chain }: { chain: string }): boolean => chain >= `${session}0`;
  const [a, b] = leaves;
  if (a === undefined) return size === 0;
  if (b !== undefined) return b.index === a.index + 1 && isLeft(a) && isRight(b);
  return (isRight(a) && a.index === 0) || (isLeft(a) && a.index === size - 1);
}
