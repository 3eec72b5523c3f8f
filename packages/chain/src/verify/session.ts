/**
 * The claim that everything the log has of one session is here (LOG.md §5, step 6). What belongs to
 * a session, and where it ends, is the story that its chain `sup` tells (§2).
 */
import { isHash } from './bytes.ts';
import { type Case, isOfShard } from './case.ts';
import { lossOf } from './chains.ts';
import { isChainName, isCount } from './form.ts';
import type { Chain, Joined, Told } from './types.ts';

type Joins = Map<string, Joined>;

export function checkSession(c: Case, session: string): void {
  const { origin } = c.bundle.checkpoint;
  const sharded = isOfShard(c.sha256, session, origin);
  c.check(sharded, 1, 'claim', `a session of the shard of ${origin}`, session);
  for (const { session: of, at, chain } of c.chains) {
    c.check(of === session, 1, at, `chains of ${session}`, chain);
  }
  const chains = c.chains.filter((chain) => chain.session === session);
  const own = new Map(chains.map((chain) => [chain.chain, chain]));
  const sup = own.get(`${session}/sup`);
  c.check(sup, 3, 'chains', `the chain ${session}/sup`, 'it is missing');
  if (!sup) return;
  own.delete(sup.chain);
  const opens = sup.told[0]?.seq === 0 && sup.told[0].kind === 'open';
  c.check(opens, 3, sup.at, 'open at the beginning of sup', 'another');
  const joins: Joins = new Map();
  const close = readSup(c, sup, joins);
  for (const chain of own.values()) checkJoin(c, chain, joins.get(chain.chain));
  for (const [name, { at, end }] of joins) {
    const chain = own.get(name);
    c.check(chain, 3, at, `the chain ${name}, which was joined`, 'it is missing');
    if (chain && end) checkEnd(c, chain, end);
  }
  if (close) sup.state = 'closed';
  else checkHeads(c, chains);
  for (const chain of own.values()) notePrevious(c, chain, own);
  for (const { chain, told } of c.facts) {
    const about = chain === 'log/audit' && String(told?.target.chain).startsWith(`${session}/`);
    if (about) c.note(lossOf({ session: 'log', shim: 'audit', chain }, told!));
  }
  checkRequired(c, sup.at, joins, close);
}

/** The rules of `sup` itself, in the order of its records; returns its `close`. */
function readSup(c: Case, sup: Chain, joins: Joins): Told | undefined {
  for (const told of sup.told) {
    const { seq, kind, state } = told;
    const { chain, first, head, seq: last } = told.target;
    const at = `${sup.at}/records/${seq - sup.first}`;
    const check = (kept: unknown, expected: string, found: string): boolean =>
      c.check(kept, 1, at, expected, found);
    const joined = joins.get(String(chain));
    if (kind === 'open') check(seq === 0, 'one open', 'a second');
    const other = 'another target, or a second';
    if (kind === 'join') {
      const own = isChainName(chain) && chain.startsWith(`${sup.session}/`) && chain !== sup.chain;
      const known = own && isHash(first) && !joined;
      check(known, 'one join of a chain of this session', other);
      if (known) joins.set(chain, { first, at });
    }
    if (kind === 'end') {
      const known = joined && !joined.end && isCount(last) && isHash(head);
      check(known, 'one end of a chain that was joined', other);
      if (known) joined.end = { seq: last, head, lost: state !== 'closed', at };
    }
    if (kind !== 'close') continue;
    for (const [name, { end }] of joins) check(end, `an end of ${name} before close`, 'none');
    const after = `${sup.at}/records/${seq - sup.first + 1}`;
    c.check(seq >= sup.last, 1, after, 'nothing after close', 'a record');
    return told;
  }
  return undefined;
}

function checkJoin(c: Case, { at, chain, first, leaves }: Chain, joined?: Joined): void {
  c.check(first === 0, 3, at, 'all records from seq 0', `the first is seq ${first}`);
  c.check(joined, 1, at, `a join of ${chain}`, 'none');
  if (!joined || first !== 0 || leaves.length === 0) return;
  c.check(leaves[0] === joined.first, 1, joined.at, `the first record of ${chain}`, 'another');
}

function checkEnd(c: Case, chain: Chain, { seq, head, lost, at }: Required<Joined>['end']): void {
  const { last, chain: name, leaves } = chain;
  chain.state = lost ? 'lost' : 'closed';
  const expected = `${name} up to seq ${seq}, where it ended`;
  if (!c.check(last >= seq, 3, chain.at, expected, `the last is seq ${last}`)) return;
  const same = last === seq && leaves.at(-1) === head;
  c.check(same, 1, at, `the end of ${name} at seq ${last}`, `seq ${seq}, or another record`);
}

/** While the session is open, the heads of the seal say that nothing more was there. */
function checkHeads(c: Case, chains: Chain[]): void {
  const heads = c.seal?.heads;
  if (!c.check(heads, 3, 'seal', 'heads, for it was not closed', 'none')) return;
  for (const { chain, state, at } of chains) {
    c.check(
      state !== 'not shown',
      3,
      at,
      `the head of ${chain}, which has no end`,
      'none that is proven',
    );
  }
}

/** A chain that a relay began anew: what it remembers of the one before has to be here. */
function notePrevious(c: Case, { chain, session, previous }: Chain, own: Map<string, Chain>) {
  if (!previous) return;
  const name = String(previous.chain);
  const before = own.get(name);
  const hash = isCount(previous.seq) ? before?.leaves[previous.seq - before.first] : undefined;
  const what = `its relay had ${name} up to seq ${previous.seq}, which is not here`;
  if (!name.startsWith(`${session}/`)) {
    c.warnings.push(`${chain} follows one of another session, which was not checked.`);
  } else if (!hash || hash !== previous.head) {
    c.note({ chain, seq: 0, kind: 'previous', what });
  }
}

function checkRequired(c: Case, at: string, joins: Joins, close?: Told): void {
  const { requireClosed, requireLossless } = c.options;
  if (requireClosed) {
    const [lost] = [...joins].find(([, { end }]) => end?.lost) ?? [];
    c.check(close, 3, at, 'a closed session', 'no close');
    c.check(close?.reason !== 'idle', 3, at, 'a close with a word', 'idle');
    c.check(!lost, 3, at, 'chains that were closed', `${lost} was lost`);
  }
  const [loss] = c.losses;
  const found = loss && `${loss.kind} in ${loss.chain} seq ${loss.seq}: ${loss.what}`;
  if (requireLossless) c.check(!loss, 3, at, 'no loss', found!);
}
