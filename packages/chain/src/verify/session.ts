/**
 * The claim that everything the log has of one session is here (LOG.md §5, step 6). What belongs to
 * a session, and where it ends, is the story that its chain `sup` tells (§2).
 */
import { isHash } from './bytes.ts';
import { type Case, isOfShard } from './case.ts';
import { lossOf } from './chains.ts';
import { isChainName, isCount } from './record.ts';
import type { Chain, Joined, Told } from './types.ts';

export function checkSession(c: Case, session: string): void {
  const { origin } = c.in.bundle.checkpoint;
  const sharded = isOfShard(c.in.sha256, session, origin);
  c.check(sharded, 1, 'claim', `a session of the shard of ${origin}`, session);
  for (const { session: of, at, chain } of c.chains) {
    c.check(of === session, 1, at, `chains of ${session}`, chain);
  }
  const sup = c.chains.find(({ chain }) => chain === `${session}/sup`);
  c.check(sup !== undefined, 3, 'chains', `the chain ${session}/sup`, 'it is missing');
  if (sup === undefined) return;
  const [opening] = sup.told;
  const opens = opening?.seq === 0 && opening.kind === 'open';
  c.check(opens, 3, sup.at, 'open at the beginning of sup', 'something else');
  const joins = new Map<string, Joined>();
  const close = readSup(c, sup, joins);
  const own = c.chains.filter((chain) => chain.session === session && chain !== sup);
  const others = new Map(own.map((chain) => [chain.chain, chain]));
  for (const chain of own) checkJoin(c, chain, joins.get(chain.chain));
  for (const [name, { at, end }] of joins) {
    const chain = others.get(name);
    c.check(!!chain, 3, at, `the chain ${name}, which was joined`, 'it is missing');
    if (chain && end) checkEnd(c, chain, end);
  }
  if (close !== undefined) sup.state = 'closed';
  else checkHeads(c, session, joins);
  noteLosses(c, session, others);
  checkRequired(c, sup.at, joins, close);
}

/** The rules of `sup` itself, in the order of its records; returns its `close`. */
function readSup(c: Case, sup: Chain, joins: Map<string, Joined>): Told | undefined {
  let close: Told | undefined;
  for (const told of sup.told) {
    const { seq, kind, state } = told;
    const { chain, first, head, seq: last } = told.target;
    const at = `${sup.at}/records/${seq - sup.first}`;
    const check = (kept: boolean, expected: string, found: string): boolean =>
      c.check(kept, 1, at, expected, found);
    if (!check(!close, 'nothing after close', `a record of kind ${kind}`)) return close;
    const joined = joins.get(String(chain));
    if (kind === 'open') check(seq === 0, 'one open', 'a second');
    if (kind === 'join') {
      const own = isChainName(chain) && chain.startsWith(`${sup.session}/`) && chain !== sup.chain;
      const known = own && isHash(first);
      check(known, 'a join of a chain of this session', 'another target');
      if (known && check(!joined, `one join of ${chain}`, 'a second'))
        joins.set(chain, { first, at });
    }
    if (kind === 'end') {
      const known = joined !== undefined && isCount(last) && isHash(head);
      check(known, 'an end of a chain that was joined', 'another target');
      const once = known && check(!joined.end, `one end of ${chain}`, 'a second');
      if (once) joined.end = { seq: last, head, lost: state !== 'closed', at };
    }
    if (kind !== 'close') continue;
    close = told;
    for (const [name, { end }] of joins) check(!!end, `an end of ${name} before close`, 'none');
  }
  return close;
}

function checkJoin(c: Case, chain: Chain, joined: Joined | undefined): void {
  const { at, chain: name, first, leaves } = chain;
  c.check(first === 0, 3, at, 'all records from seq 0', `the first is seq ${first}`);
  c.check(joined !== undefined, 1, at, `a join of ${name}`, 'none');
  if (joined === undefined || first !== 0 || leaves.length === 0) return;
  const expected = `the leaf hash of the first record of ${name}`;
  c.check(leaves[0] === joined.first, 1, joined.at, expected, 'another');
}

function checkEnd(
  c: Case,
  chain: Chain,
  { seq, head, lost, at }: NonNullable<Joined['end']>,
): void {
  const { last, chain: name, leaves } = chain;
  chain.state = lost ? 'lost' : 'closed';
  const upTo = `${name} up to seq ${seq}, where it ended`;
  if (!c.check(last >= seq, 3, chain.at, upTo, `the last is seq ${last}`)) return;
  const same = last === seq && leaves.at(-1) === head;
  c.check(same, 1, at, `the end of ${name} at seq ${last}`, `seq ${seq}, or another record`);
}

/** While the session is open, the heads of the seal say that nothing more was there. */
function checkHeads(c: Case, session: string, joins: Map<string, Joined>): void {
  const heads = c.seal?.heads ?? null;
  if (!c.check(heads !== null, 3, 'seal', 'heads, for the session was not closed', 'none')) return;
  for (const { session: of, chain, headProven, at } of c.chains) {
    const shown = headProven || of !== session || joins.get(chain)?.end !== undefined;
    c.check(shown, 3, at, `the head of ${chain}, which has no end`, 'none that is proven');
  }
}

/** Losses that are not said by one record alone. */
function noteLosses(c: Case, session: string, others: Map<string, Chain>): void {
  for (const { chain, previous } of others.values()) {
    if (previous === undefined) continue;
    const name = String(previous.chain);
    const before = others.get(name);
    const hash = before?.leaves[(previous.seq as number) - before.first];
    const what = `its relay had ${name} up to seq ${String(previous.seq)}, which is not here`;
    if (!name.startsWith(`${session}/`)) {
      c.warnings.push(`${chain} follows a chain of another session, which was not checked.`);
    } else if (hash === undefined || hash !== previous.head) {
      c.note({ chain, seq: 0, kind: 'previous', what });
    }
  }
  for (const { chain, told } of c.facts) {
    const about = told !== undefined && String(told.target.chain).startsWith(`${session}/`);
    const audit = { session: 'log', shim: 'audit', chain };
    if (chain === 'log/audit' && about) c.note(lossOf(audit, told));
  }
}

function checkRequired(c: Case, at: string, joins: Map<string, Joined>, close?: Told): void {
  const { requireClosed, requireLossless } = c.in.options;
  if (requireClosed === true) {
    const [lost] = [...joins].find(([, { end }]) => end?.lost === true) ?? [];
    c.check(close !== undefined, 3, at, 'a closed session', 'no close');
    c.check(close?.reason !== 'idle', 3, at, 'a close with a word', 'idle');
    c.check(lost === undefined, 3, at, 'chains that were closed', `${lost} was lost`);
  }
  const [loss] = c.losses;
  const found = loss && `${loss.kind} in ${loss.chain} seq ${loss.seq}: ${loss.what}`;
  if (requireLossless === true) c.check(found === undefined, 3, at, 'no loss', found!);
}
