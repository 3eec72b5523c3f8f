/** The claim that everything the log has of one session is here (LOG.md §5, step 6). */
import {
  type Case,
  type CheckedChain,
  type Findings,
  isHashOf,
  lastSeq,
  leafOf,
  sealOf,
} from './case.ts';
import { lossOf } from './loss.ts';
import { isOfShard } from './shard.ts';
import { type Joined, readSupervisor, type SupervisorStory } from './supervisor.ts';
import type { Failure } from './verdict.ts';

export function* checkSession(c: Case, session: string): Findings {
  const { origin } = c.bundle.checkpoint;
  if (!isOfShard(c.primitives.sha256, session, origin)) {
    yield failure(1, 'claim', `a session of the shard of ${origin}`, session);
  }
  for (const chain of c.chains) {
    if (chain.session === session) continue;
    yield failure(1, `chains/${chain.at}`, `chains of ${session}`, chain.chain);
  }
  const sup = c.chains.find(({ chain }) => chain === `${session}/sup`);
  if (sup === undefined) {
    yield failure(3, 'chains', `the chain ${session}/sup`, 'it is missing');
    return;
  }
  const opening = sup.told[0];
  if (opening?.seq !== 0 || opening.kind !== 'open') {
    yield failure(3, `chains/${sup.at}`, 'open at the beginning of sup', 'something else');
  }
  const story: SupervisorStory = { joins: new Map() };
  yield* readSupervisor(sup, story);
  const others = new Map(
    c.chains.filter((chain) => chain.session === session && chain !== sup).map((x) => [x.chain, x]),
  );
  for (const chain of others.values()) yield* checkJoin(chain, story.joins.get(chain.chain));
  for (const [name, joined] of story.joins) {
    const chain = others.get(name);
    if (chain !== undefined) yield* checkEnd(chain, joined);
    else yield failure(3, joined.at, `the chain ${name}, which was joined`, 'it is missing');
  }
  if (story.close !== undefined) sup.state = 'closed';
  else yield* checkHeads(c, sup, others, story);
  noteLosses(c, session, others);
  yield* checkRequired(c, sup, story);
}

function* checkJoin(chain: CheckedChain, joined: Joined | undefined): Findings {
  const at = `chains/${chain.at}`;
  if (chain.first !== 0) {
    yield failure(3, at, 'all records from seq 0', `the first is seq ${chain.first}`);
  }
  if (joined === undefined) {
    yield failure(1, at, `a join of ${chain.chain}`, 'none');
    return;
  }
  const first = leafOf(chain, 0);
  if (first === undefined || isHashOf(first, joined.first)) return;
  yield failure(1, joined.at, `the leaf hash of the first record of ${chain.chain}`, 'another');
}

function* checkEnd(chain: CheckedChain, { end }: Joined): Findings {
  if (end === undefined) return;
  chain.state = end.lost ? 'lost' : 'closed';
  const last = lastSeq(chain);
  if (last < end.seq) {
    const expected = `${chain.chain} up to seq ${end.seq}, where it ended`;
    yield failure(3, `chains/${chain.at}`, expected, `the last is seq ${last}`);
  } else if (last > end.seq || !isHashOf(leafOf(chain, last)!, end.head)) {
    const expected = `the end of ${chain.chain} at seq ${last}`;
    yield failure(1, end.at, expected, `seq ${end.seq}, or another record`);
  }
}

/** While the session is open, the heads of the seal say that nothing more was there. */
function* checkHeads(
  c: Case,
  sup: CheckedChain,
  others: Map<string, CheckedChain>,
  story: SupervisorStory,
): Findings {
  if ((sealOf(c)?.heads ?? null) === null) {
    yield failure(3, 'seal', 'heads, for the session was not closed', 'none');
    return;
  }
  for (const chain of [...others.values(), sup].sort((a, b) => a.at - b.at)) {
    const ended = story.joins.get(chain.chain)?.end !== undefined;
    if (ended || chain.headProven) continue;
    const expected = `the head of ${chain.chain}, which has no end`;
    yield failure(3, `chains/${chain.at}`, expected, 'none that is proven');
  }
}

/** Losses that are not said by one record alone. */
function noteLosses(c: Case, session: string, others: Map<string, CheckedChain>): void {
  for (const chain of others.values()) {
    const { previous } = chain;
    if (previous === undefined) continue;
    const name = String(previous.chain);
    if (!name.startsWith(`${session}/`)) {
      c.warnings.push(`${chain.chain} follows a chain of another session, which was not checked.`);
      continue;
    }
    const before = others.get(name);
    const seq = previous.seq as number;
    const leaf = before === undefined ? undefined : leafOf(before, seq);
    if (leaf !== undefined && isHashOf(leaf, previous.head)) continue;
    const what = `its relay had ${name} up to seq ${String(seq)}, which is not here`;
    c.losses.push({ chain: chain.chain, seq: 0, kind: 'previous', what });
  }
  for (const { chain, told } of c.attached) {
    if (chain !== 'log/audit' || told === undefined) continue;
    if (!String(told.target?.chain).startsWith(`${session}/`)) continue;
    const loss = lossOf({ session: 'log', shim: 'audit', chain }, told);
    if (loss !== undefined) c.losses.push(loss);
  }
}

function* checkRequired(c: Case, sup: CheckedChain, story: SupervisorStory): Findings {
  const { requireClosed, requireLossless } = c.options;
  const at = `chains/${sup.at}`;
  if (requireClosed === true) {
    const lost = [...story.joins].find(([, { end }]) => end?.lost === true);
    if (story.close === undefined) yield failure(3, at, 'a closed session', 'no close');
    else if (story.close.reason === 'idle') yield failure(3, at, 'a close with a word', 'idle');
    if (lost !== undefined) yield failure(3, at, 'chains that were closed', `${lost[0]} was lost`);
  }
  const loss = c.losses[0];
  if (requireLossless === true && loss !== undefined) {
    const found = `${loss.kind} in ${loss.chain} seq ${loss.seq}: ${loss.what}`;
    yield failure(3, at, 'no loss', found);
  }
}

function failure(code: Failure['code'], at: string, expected: string, found: string): Failure {
  return { code, step: 'claim', at, expected, found };
}
