/**
 * Step 5 of LOG.md §5: every chain, record by record, and its place in the log. Records are read
 * and let go: only what later steps ask of them is kept.
 */
import type { Json, JsonObject } from '@vitrine/schema/record';
import { isObject } from './bytes.ts';
import { type Case, proofOf, WRONG } from './case.ts';
import { recordFault } from './record.ts';
import type { Chain, ChainRecord, Loss, Run, Told } from './types.ts';

/** Base64 of 32 zero bytes. */
const ZERO_HASH = `${'A'.repeat(43)}=`;
/** What a relay or a shim says of itself, in the chains they write. */
const TOLD_BY_SOURCES = ['telemetry.drop', 'telemetry.gap'];
/** What the sequencer says: only in `sup`, and in `log/audit` about a session that is closed. */
const TOLD_BY_SEQUENCER = ['gap', 'conflict', 'broken'];

export function checkChains(c: Case): void {
  for (const [i, bundled] of c.bundle.chains.entries()) {
    const { chain: name, first } = bundled;
    const [session, shim] = name.split('/') as [string, string];
    const chain: Chain = {
      ...{ at: `chains/${i}`, bundled, chain: name, session, shim, first, last: first - 1 },
      ...{ leaves: [], told: [], commitments: new Map(), state: 'not shown' },
    };
    c.chains.push(chain);
    // Nothing can be said about the place of a chain whose last record was not reached.
    if (readRecords(c, chain)) checkPlace(c, chain);
  }
}

function readRecords(c: Case, chain: Chain): boolean {
  const { at, leaves, first } = chain;
  for (const [i, text] of chain.bundled.records.entries()) {
    const leaf = c.leaf(text);
    const prev = leaves.at(-1) ?? (first === 0 ? ZERO_HASH : null);
    const fault = recordFault(leaf, { chain: chain.chain, seq: first + i, prev });
    if (fault) return c.check(false, fault.code, `${at}/records/${i}`, fault.expected, fault.found);
    keep(c, chain, leaf.hash, leaf.value as ChainRecord);
  }
  return true;
}

function keep(c: Case, chain: Chain, hash: string, record: ChainRecord): void {
  const { seq, parts, t, previous } = record;
  chain.last = seq;
  chain.leaves.push(hash);
  if (Object.keys(parts).length > 0) chain.commitments.set(seq, parts);
  if (seq === 0 && isObject(previous)) chain.previous = previous;
  const told = toldBy(record);
  if (told) chain.told.push(told);
  c.note(lossOf(chain, record));
  c.period ??= { from: t, to: t };
  if (isBefore(t, c.period.from)) c.period.from = t;
  if (isBefore(c.period.to, t)) c.period.to = t;
}

/** Orders decimal texts without leading zeros, however long they are. */
function isBefore(a: string, b: string): boolean {
  return a.length === b.length ? a < b : a.length < b.length;
}

function checkPlace(c: Case, chain: Chain): void {
  const { at, bundled, last: seq, chain: name } = chain;
  const { tip, head } = bundled;
  const hash = chain.leaves.at(-1)!;
  c.check(c.includes(hash, tip), 1, `${at}/tip`, proofOf(tip.index), WRONG);
  if (!head) return;
  const where = `${at}/head`;
  const heads = c.seal?.heads;
  c.check(heads, 3, where, 'a seal with heads', 'none');
  if (!heads) return;
  // Canonical: no name of a chain needs an escape.
  const leaf = c.leaf(`{"chain":"${name}","head":"${hash}","seq":${seq}}`);
  const proven = c.includes(leaf.hash, head, heads);
  if (!c.check(proven, 1, where, `a proof that the head is seq ${seq}`, WRONG)) return;
  chain.state = 'open';
  c.heads.push({ chain: name, seq, hash, at: where, index: head.index });
}

/** `undefined` for records that anybody else than the sequencer may have written (LOG.md §2). */
export function toldBy(record: ChainRecord): Told | undefined {
  const { session, shim, seq, kind, state, reason, runs } = record;
  if (session !== 'log' && shim !== 'sup') return undefined;
  const target = isObject(record.target) ? record.target : {};
  const admits = session === 'log' && kind === 'admit' && Array.isArray(runs);
  return { seq, kind, state, reason, target, runs: admits ? runs.filter(isRun) : [] };
}

function isRun(run: Json): run is JsonObject & Run {
  return isObject(run) && typeof run.chain === 'string' && typeof run.last === 'number';
}

/** A record that says that something was not recorded (`require-lossless`). */
export function lossOf(
  { session, shim, chain }: { session: string; shim: string; chain: string },
  record: Pick<Told, 'seq' | 'kind' | 'state' | 'reason'> & { target?: Json; broken?: Json },
): Loss | undefined {
  const { kind, seq, target, state, broken } = record;
  const why = typeof record.reason === 'string' ? record.reason : 'no reason given';
  const sequencer = shim === 'sup' || (session === 'log' && shim === 'audit');
  const sources = session === 'log' ? [] : TOLD_BY_SOURCES;
  const told = (sequencer ? TOLD_BY_SEQUENCER : sources).includes(kind);
  if (told) return { chain, seq, kind, what: why };
  if (broken === true) return { chain, seq, kind, what: 'it came after a broken link' };
  if (shim !== 'sup' || kind !== 'end' || state === 'closed') return undefined;
  const lost = isObject(target) ? String(target.chain) : 'a chain';
  return { chain, seq, kind, what: `${lost} was lost: ${why}` };
}
