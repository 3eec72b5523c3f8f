/**
 * The claim that everything the log has of one session is here (LOG.md §5, step 6). What belongs to
 * a session, and where it ends, is the story that its chain `sup` tells (§2).
 */
import { isHash } from './bytes.ts';
import { type Case, isOfShard } from './case.ts';
import { lossOf } from './chains.ts';
import { isChainName, isCount } from './record.ts';
import type { Chain, Told } from './types.ts';

interface Joined {
  /** Leaf hash of the chain's `seq` 0. */
  first: string;
  at: string;
  end?: { seq: number; head: string; lost: boolean; at: string };
}

export function checkSession(c: Case, session: string): void {
  const { origin } = c.in.bundle.checkpoint;
  const inShard = isOfShard(c.in.sha256, session, origin);
  if (!inShard) c.fail(1, 'claim', `a session of the shard of ${origin}`, session);
  for (const { session: other, at, chain } of c.chains) {
    if (other !== session) c.fail(1, at, `chains of ${session}`, chain);
  }
  const sup = c.chains.find(({ chain }) => chain === `${session}/sup`);
  if (sup === undefined) {
    c.fail(3, 'chains', `the chain ${session}/sup`, 'it is missing');
    return;
  }
  const [opening] = sup.told;
  const opens = opening?.seq === 0 && opening.kind === 'open';
  if (!opens) c.fail(3, sup.at, 'open at the beginning of sup', 'something else');
  const joins = new Map<string, Joined>();
  const close = readSup(c, sup, joins);
  const others = c.chains.filter((chain) => chain.session === session && chain !== sup);
  for (const chain of others) checkJoin(c, chain, joins.get(chain.chain));
  for (const [name, { at, end }] of joins) {
    const chain = others.find((other) => other.chain === name);
    if (chain === undefined) c.fail(3, at, `the chain ${name}, which was joined`, 'it is missing');
    else if (end !== undefined) checkEnd(c, chain, end);
  }
  if (close !== undefined) sup.state = 'closed';
  else checkHeads(c, session, joins);
  noteLosses(c, session, others);
  checkRequired(c, sup, joins, close);
}

/** The rules of `sup` itself, in the order of its records; returns its `close`. */
function readSup(c: Case, sup: Chain, joins: Map<string, Joined>): Told | undefined {
  let close: Told | undefined;
  for (const told of sup.told) {
    const { seq, kind, target, state } = told;
    const { chain, first, head, seq: last } = target;
    const at = `${sup.at}/records/${seq - sup.first}`;
    const fail = (expected: string, found: string): void => c.fail(1, at, expected, found);
    const joined = typeof chain === 'string' ? joins.get(chain) : undefined;
    if (close !== undefined) {
      fail('nothing after close', `a record of kind ${kind}`);
      return close;
    }
    if (kind === 'open' && seq > 0) fail('one open', 'a second');
    if (kind === 'join') {
      const own = isChainName(chain) && chain.startsWith(`${sup.session}/`) && chain !== sup.chain;
      if (!own || !isHash(first)) fail('a join of a chain of this session', 'another target');
      else if (joined !== undefined) fail(`one join of ${chain}`, 'a second');
      else joins.set(chain, { first, at });
    }
    if (kind === 'end') {
      const known = isCount(last) && isHash(head);
      if (joined === undefined || !known)
        fail('an end of a chain that was joined', 'another target');
      else if (joined.end !== undefined) fail(`one end of ${chain}`, 'a second');
      else joined.end = { seq: last, head, lost: state !== 'closed', at };
    }
    if (kind !== 'close') continue;
    close = told;
    for (const [name, { end }] of joins) if (!end) fail(`an end of ${name} before close`, 'none');
  }
  return close;
}

function checkJoin(c: Case, chain: Chain, joined: Joined | undefined): void {
  const { at, chain: name, first, leaves } = chain;
  if (first !== 0) c.fail(3, at, 'all records from seq 0', `the first is seq ${first}`);
  if (joined === undefined) c.fail(1, at, `a join of ${name}`, 'none');
  if (joined === undefined || first !== 0 || leaves.length === 0) return;
  const expected = `the leaf hash of the first record of ${name}`;
  if (leaves[0] !== joined.first) c.fail(1, joined.at, expected, 'another');
}

function checkEnd(c: Case, chain: Chain, end: NonNullable<Joined['end']>): void {
  const { last, at, chain: name } = chain;
  chain.state = end.lost ? 'lost' : 'closed';
  if (last < end.seq) {
    c.fail(3, at, `${name} up to seq ${end.seq}, where it ended`, `the last is seq ${last}`);
  } else if (last > end.seq || chain.leaves.at(-1) !== end.head) {
    const found = `seq ${end.seq}, or another record`;
    c.fail(1, end.at, `the end of ${name} at seq ${last}`, found);
  }
}

/** While the session is open, the heads of the seal say that nothing more was there. */
function checkHeads(c: Case, session: string, joins: Map<string, Joined>): void {
  if ((c.seal?.heads ?? null) === null) {
    c.fail(3, 'seal', 'heads, for the session was not closed', 'none');
    return;
  }
  for (const { session: of, chain, headProven, at } of c.chains) {
    if (of !== session || headProven || joins.get(chain)?.end !== undefined) continue;
    c.fail(3, at, `the head of ${chain}, which has no end`, 'none that is proven');
  }
}

/** Losses that are not said by one record alone. */
function noteLosses(c: Case, session: string, others: Chain[]): void {
  for (const { chain, previous } of others) {
    if (previous === undefined) continue;
    const name = String(previous.chain);
    if (!name.startsWith(`${session}/`)) {
      c.warnings.push(`${chain} follows a chain of another session, which was not checked.`);
      continue;
    }
    const before = others.find((other) => other.chain === name);
    const hash = before?.leaves[(previous.seq as number) - before.first];
    if (hash !== undefined && hash === previous.head) continue;
    const what = `its relay had ${name} up to seq ${String(previous.seq)}, which is not here`;
    c.losses.push({ chain, seq: 0, kind: 'previous', what });
  }
  for (const { chain, told } of c.facts) {
    const about = told !== undefined && String(told.target.chain).startsWith(`${session}/`);
    if (chain !== 'log/audit' || !about) continue;
    const loss = lossOf({ session: 'log', shim: 'audit', chain }, told);
    if (loss !== undefined) c.losses.push(loss);
  }
}

function checkRequired(c: Case, sup: Chain, joins: Map<string, Joined>, close?: Told): void {
  const { requireClosed, requireLossless } = c.in.options;
  const fail = (expected: string, found: string): void => c.fail(3, sup.at, expected, found);
  if (requireClosed === true) {
    const lost = [...joins].find(([, { end }]) => end?.lost === true);
    if (close === undefined) fail('a closed session', 'no close');
    else if (close.reason === 'idle') fail('a close with a word', 'idle');
    if (lost !== undefined) fail('chains that were closed', `${lost[0]} was lost`);
  }
  const [loss] = c.losses;
  if (requireLossless !== true || loss === undefined) return;
  fail('no loss', `${loss.kind} in ${loss.chain} seq ${loss.seq}: ${loss.what}`);
}
