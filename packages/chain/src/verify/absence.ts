/**
 * Proof that a session is not there (LOG.md §4): the leaves of a sorted tree on both sides of the
 * place where its chains would stand.
 */
import { eachNeighbour } from '../bundle/read.ts';
import { hashLeaf } from '../hash/rfc6962.ts';
import type { SealedTree } from '../seal/form.ts';
import { type Case, type Findings, isInTree, sealOf } from './case.ts';
import { type HeadLeaf, headLeafOf, readLeafText } from './leaf.ts';
import { isOfShard } from './shard.ts';
import type { Failure } from './verdict.ts';

const NEIGHBOURS_MAX = 2;

export function* checkAbsent(c: Case, session: string): Findings {
  warnOfOtherShard(c, session);
  const heads = sealOf(c)?.heads ?? null;
  if (heads === null) {
    yield failure(3, 'seal', 'heads', 'none');
    return;
  }
  const before = c.heads.length;
  yield* checkNeighbours(c, session, heads, (leaf, at) => {
    c.heads.push({ chain: leaf.chain, seq: leaf.seq, hash: leaf.head, where: `neighbours/${at}` });
  });
  // Without a whole proof none of them is known to stand in the tree.
  if (c.heads.length - before !== c.bundle.neighbours?.count) c.heads.length = before;
}

export function* checkInactive(c: Case, session: string, day: string): Findings {
  warnOfOtherShard(c, session);
  const seals = c.attached.flatMap((fact) => fact.day ?? []);
  if (seals.length === 0) {
    yield failure(3, 'attached', `the day seal of ${day}`, 'no day seal');
    return;
  }
  const seal = seals.find((candidate) => candidate.day === day);
  if (seal === undefined) {
    yield failure(1, 'attached', `the day seal of ${day}`, `that of ${seals[0]!.day}`);
    return;
  }
  yield* checkNeighbours(c, session, seal.days, () => {});
}

/** In a log of another shard every session is absent: true, and easily misunderstood. */
function warnOfOtherShard(c: Case, session: string): void {
  if (isOfShard(c.primitives.sha256, session, c.bundle.checkpoint.origin)) return;
  c.warnings.push(
    `Session ${session} belongs into another log than ${c.bundle.checkpoint.origin}.`,
  );
}

function* checkNeighbours(
  c: Case,
  session: string,
  tree: SealedTree,
  proven: (leaf: HeadLeaf, at: number) => void,
): Findings {
  const { neighbours } = c.bundle;
  if (neighbours === undefined) {
    yield failure(3, 'neighbours', 'the leaves around the place of the session', 'none');
    return;
  }
  if (neighbours.count > NEIGHBOURS_MAX) {
    yield failure(1, 'neighbours', 'two leaves at most', `${neighbours.count}`);
    return;
  }
  const read: { index: number; chain: string }[] = [];
  const leaves = [...eachNeighbour(c.bundle, neighbours)];
  for (const [at, neighbour] of leaves.entries()) {
    const where = `neighbours/${at}`;
    const reading = readLeafText(neighbour.leaf);
    const leaf = reading.fault === undefined ? headLeafOf(reading.value) : undefined;
    if (leaf === undefined) {
      const { code, found } = reading.fault ?? { code: 1, found: 'other members' };
      yield failure(code, where, 'a leaf {chain, head, seq}', found);
    } else if (!isInTree(c, tree, hashLeaf(c.primitives.sha256, reading.bytes), neighbour)) {
      const expected = `a proof that it is leaf ${neighbour.index} of the tree`;
      yield failure(1, where, expected, 'one that does not hold');
    } else {
      proven(leaf, at);
      read.push({ index: neighbour.index, chain: leaf.chain });
    }
  }
  if (!isAround(session, tree.size, read) && read.length === neighbours.count) {
    const found = read.map(({ index, chain }) => `${index} ${chain}`).join(', ') || 'none';
    const expected = `adjacent leaves before ${session}/ and from ${session}0 on`;
    yield failure(1, 'neighbours', expected, found.slice(0, 300));
  }
}

/** Chain names are ASCII: code units order them as their bytes do, and `0` follows `/`. */
function isAround(
  session: string,
  size: number,
  leaves: { index: number; chain: string }[],
): boolean {
  const isLeft = ({ chain }: { chain: string }): boolean => chain < `${session}/`;
  const isRight = ({ chain }: { chain: string }): boolean => chain >= `${session}0`;
  const [a, b] = leaves;
  if (a === undefined) return size === 0;
  if (b !== undefined) return b.index === a.index + 1 && isLeft(a) && isRight(b);
  return (isRight(a) && a.index === 0) || (isLeft(a) && a.index === size - 1);
}

function failure(code: Failure['code'], at: string, expected: string, found: string): Failure {
  return { code, step: 'claim', at, expected, found };
}
