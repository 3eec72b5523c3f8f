/** What the bundle says it proves (LOG.md §4 and §5, step 6). */
import { type Case, isOfShard, proofOf, WRONG } from './case.ts';
import { HEAD, misfit } from './form.ts';
import { checkSession } from './session.ts';
import type { Head, HeadLeaf, Neighbour, SealedTree } from './types.ts';

const NEIGHBOURS_MAX = 2;

/** What the auditor asked for, against what the bundle is about (end of step 1). */
export function checkExpected(c: Case): void {
  const { claim, checkpoint } = c.bundle;
  const about = claim.type === 'range' ? claim.chain : undefined;
  const of = 'session' in claim ? claim.session : about?.split('/')[0];
  for (const [at, what, is] of [
    ['checkpoint', 'origin', checkpoint.origin],
    ['claim', 'session', of],
    ['claim', 'chain', about],
  ] as const) {
    const asked = c.options.expect?.[what];
    const fits = asked === undefined || asked === is;
    c.check(fits, 4, at, `${what} ${asked}`, is ?? `a claim about no ${what}`);
  }
}

export function checkClaim(c: Case): void {
  const { options, sha256 } = c;
  const { claim, chains, checkpoint, attached } = c.bundle;
  if (claim.type === 'session') checkSession(c, claim.session);
  else if (claim.type === 'range') {
    const { chain, first, last } = claim;
    const [only] = c.chains;
    const exact = chains.length === 1 && only?.chain === chain;
    const whole = exact && only.first === first && only.last === last;
    const found = chains.map((x) => `${x.chain} from ${x.first}, ${x.records.length} records`);
    const expected = `the records ${first} to ${last} of ${chain}, and no others`;
    c.check(whole, 3, 'chains', expected, found.join('; ') || 'no chain');
  } else if (claim.type === 'event') {
    const there = attached.some(({ index }) => index === claim.index);
    c.check(there, 3, 'attached', `leaf ${claim.index}`, 'none');
  } else {
    const { session } = claim;
    if (claim.type === 'absent') checkAbsent(c, session);
    else checkInactive(c, session, claim.day);
    // In a log of another shard every session is absent: true, and easily misunderstood.
    const other = `Session ${session} belongs into another log than ${checkpoint.origin}.`;
    if (!isOfShard(sha256, session, checkpoint.origin)) c.warnings.push(other);
  }
  const moot = claim.type !== 'session' && (options.requireClosed || options.requireLossless);
  const none = `require-closed and require-lossless say nothing about a ${claim.type} claim.`;
  if (moot) c.warnings.push(none);
}

function checkAbsent(c: Case, session: string): void {
  const heads = c.seal?.heads;
  c.check(heads, 3, 'seal', 'heads', 'none');
  if (heads) c.heads.push(...checkNeighbours(c, session, heads));
}

function checkInactive(c: Case, session: string, day: string): void {
  const expected = `the day seal of ${day}`;
  const [other] = c.days;
  c.check(other, 3, 'attached', expected, 'no day seal');
  const seal = c.days.find((candidate) => candidate.day === day);
  if (other) c.check(seal, 1, 'attached', expected, `that of ${other.day}`);
  if (seal) checkNeighbours(c, session, seal.days);
}

/** The neighbours, if all of them are proven to stand in the tree. */
function checkNeighbours(c: Case, session: string, tree: SealedTree): Head[] {
  const { neighbours } = c.bundle;
  const at = 'neighbours';
  c.check(neighbours, 3, at, 'the leaves around its place', 'none');
  const { length: count } = neighbours ?? [];
  if (!c.check(count <= NEIGHBOURS_MAX, 1, at, 'two leaves at most', `${count}`)) return [];
  const heads = neighbours?.flatMap((one, i) => headOf(c, one, `${at}/${i}`, tree) ?? []);
  if (!heads || heads.length < count) return [];
  const found = heads.map(({ index, chain }) => `${index} ${chain}`).join(', ') || 'none';
  const expected = `adjacent leaves before ${session}/ and from ${session}0 on`;
  c.check(isAround(session, tree.size, heads), 1, at, expected, found);
  return heads;
}

function headOf(c: Case, neighbour: Neighbour, at: string, tree: SealedTree): Head | undefined {
  const { index } = neighbour;
  const { value, fault, hash: leaf } = c.leaf(neighbour.leaf);
  const odd = fault?.found ?? misfit(value, HEAD);
  if (!c.check(!odd, fault?.code ?? 1, at, 'a leaf {chain, head, seq}', odd!)) return undefined;
  const { chain, head: hash, seq } = value as unknown as HeadLeaf;
  const included = c.check(c.includes(leaf, neighbour, tree), 1, at, proofOf(index), WRONG);
  return included ? { at, chain, hash, seq, index } : undefined;
}

/** Chain names are ASCII: code units order them as their bytes do, and `0` follows `/`. */
function isAround(session: string, size: number, [a, b]: Head[]): boolean {
  const isLeft = ({ chain }: Head): boolean => chain < `${session}/`;
  const isRight = ({ chain }: Head): boolean => chain >= `${session}0`;
  if (!a) return size === 0;
  if (b) return b.index === a.index + 1 && isLeft(a) && isRight(b);
  return (isRight(a) && a.index === 0) || (isLeft(a) && a.index === size - 1);
}
