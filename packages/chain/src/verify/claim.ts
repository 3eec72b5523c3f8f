/** What the bundle says it proves (LOG.md §4 and §5, step 6). */
import { isHash } from './bytes.ts';
import { type Case, isOfShard } from './case.ts';
import { isChainName, isCount } from './record.ts';
import { checkSession } from './session.ts';
import type { Claim, Head, SealedTree } from './types.ts';

const NEIGHBOURS_MAX = 2;

/** What the auditor asked for, against what the bundle is about (end of step 1). */
export function checkExpected(c: Case): void {
  const { claim, checkpoint } = c.in.bundle;
  const { origin, session, chain } = c.in.options.expect ?? {};
  const about = claim.type === 'range' ? claim.chain : undefined;
  const of = 'session' in claim ? claim.session : about?.split('/')[0];
  const check = (at: string, what: string, asked: string | undefined, is?: string): boolean => {
    const fits = asked === undefined || asked === is;
    return c.check(fits, 4, at, `${what} ${asked}`, is ?? `a claim about no ${what}`);
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
  const whole = exact && only.first === first && only.last === last;
  const found = chains.map((x) => `${x.chain} from ${x.first}, ${x.records.count} records`);
  const expected = `the records ${first} to ${last} of ${chain}, and no others`;
  c.check(whole, 3, 'chains', expected, found.slice(0, 3).join('; ') || 'no chain');
}

function checkEvent(c: Case, index: number): void {
  let there = false;
  c.in.bundle.attached.each((leaf) => {
    there ||= leaf.index === index;
  });
  c.check(there, 3, 'attached', `leaf ${index}`, 'none with that index');
}

function checkAbsent(c: Case, session: string): void {
  warnOfOtherShard(c, session);
  const heads = c.seal?.heads ?? null;
  if (!c.check(heads !== null, 3, 'seal', 'heads', 'none')) return;
  c.heads.push(...checkNeighbours(c, session, heads!));
}

function checkInactive(c: Case, session: string, day: string): void {
  warnOfOtherShard(c, session);
  const expected = `the day seal of ${day}`;
  const [first] = c.days;
  if (!c.check(first !== undefined, 3, 'attached', expected, 'no day seal')) return;
  const seal = c.days.find((candidate) => candidate.day === day);
  c.check(seal !== undefined, 1, 'attached', expected, `that of ${first!.day}`);
  if (seal !== undefined) checkNeighbours(c, session, seal.days);
}

/** In a log of another shard every session is absent: true, and easily misunderstood. */
function warnOfOtherShard(c: Case, session: string): void {
  const { origin } = c.in.bundle.checkpoint;
  if (isOfShard(c.in.sha256, session, origin)) return;
  c.warnings.push(`Session ${session} belongs into another log than ${origin}.`);
}

/** The neighbours, if all of them are proven to stand in the tree. */
function checkNeighbours(c: Case, session: string, tree: SealedTree): Head[] {
  const { neighbours } = c.in.bundle;
  const at = 'neighbours';
  const count = neighbours?.count ?? 0;
  const given = neighbours !== undefined;
  c.check(given, 3, at, 'the leaves around the place of the session', 'none');
  if (!given || !c.check(count <= NEIGHBOURS_MAX, 1, at, 'two leaves at most', `${count}`))
    return [];
  const heads: Head[] = [];
  neighbours.each((neighbour, i) => {
    const where = `${at}/${i}`;
    const { index } = neighbour;
    const { value, fault, hash: leaf } = c.leaf(neighbour.leaf);
    const { chain, head: hash, seq, ...others } = value;
    const named = isChainName(chain) && Object.keys(others).length === 0;
    const known = named && isHash(hash) && isCount(seq);
    const found = fault?.found ?? 'other members';
    c.check(known, fault?.code ?? 1, where, 'a leaf {chain, head, seq}', found);
    const expected = `a proof that it is leaf ${index} of the tree`;
    const included = known && c.includes(leaf, neighbour, tree);
    if (known) c.check(included, 1, where, expected, 'one that does not hold');
    if (included) heads.push({ at: where, chain, hash, seq, index });
  });
  if (heads.length < count) return [];
  const found = heads.map(({ index, chain }) => `${index} ${chain}`).join(', ') || 'none';
  const expected = `adjacent leaves before ${session}/ and from ${session}0 on`;
  c.check(isAround(session, tree.size, heads), 1, at, expected, found.slice(0, 300));
  return heads;
}

/** Chain names are ASCII: code units order them as their bytes do, and `0` follows `/`. */
function isAround(session: string, size: number, [a, b]: Head[]): boolean {
  const isLeft = ({ chain }: Head): boolean => chain < `${session}/`;
  const isRight = ({ chain }: Head): boolean => chain >= `${session}0`;
  if (a === undefined) return size === 0;
  if (b !== undefined) return b.index === a.index + 1 && isLeft(a) && isRight(b);
  return (isRight(a) && a.index === 0) || (isLeft(a) && a.index === size - 1);
}
