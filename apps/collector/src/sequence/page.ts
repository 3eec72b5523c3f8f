/**
 * Pages of relays: records of a chain that somebody else made and that are taken as they are, as
 * long as they link; what does not is kept with `broken: true` (LOG.md §2).
 */
import { admitRecord, ChainError, leafHash, sha256 } from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';
import type { BrokenEntry, PageEntry } from '../queue/entry.ts';
import type { BatchDraft, Provenance } from './draft.ts';
import { baseOf, currentLife, lifeFields, openSession } from './life.ts';
import { pushRecord } from './push.ts';
import type { OpenSession } from './state.ts';

export function applyPage(draft: BatchDraft, entry: PageEntry): void {
  const open = draft.state.sessions.get(entry.session);
  const refusal = refusalOf(open, entry);
  if (open === undefined || refusal !== null) {
    const bytes = entry.records.map((record) => record.bytes);
    strays(draft, entry, bytes, refusal ?? 'the session is not open');
    return;
  }
  open.lastAtNs = BigInt(entry.observed);
  const shim = entry.chain.slice(entry.session.length + 1);
  const records = afterRepeats(draft, entry);
  for (const [i, { bytes, parts }] of records.entries()) {
    const tip = draft.tip(entry.session, shim);
    const place = { chain: entry.chain, seq: tip.seq + 1, prev: tip.head };
    try {
      const { record, leaf } = admitRecord(place, bytes);
      draft.join(open, entry.chain, leaf, entry.observed);
      const { seq } = record;
      const provenance = provenanceOf(entry);
      draft.put({ session: entry.session, shim, seq, bytes, leaf, parts, provenance });
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      const rest = records.slice(i).map((r) => r.bytes);
      const expected = { seq: place.seq, prev: place.prev.toString('base64') };
      breakChain(draft, entry, expected, rest, error.message);
      return;
    }
  }
}

export function applyBroken(draft: BatchDraft, entry: BrokenEntry): void {
  const expected = { ...entry.expected, came: entry.came };
  breakChain(draft, entry, expected, entry.strays, entry.reason);
}

/** Why a page is not believed, whatever it holds; `null` when it may be. */
function refusalOf(open: OpenSession | undefined, entry: PageEntry): string | null {
  if (entry.stray === true) return 'the chain was broken before';
  return open?.joined.get(entry.chain)?.ended === true ? 'the chain has ended' : null;
}

/**
 * A page that came twice begins with records the log has. Where the overlap ends at the chain's
 * tip, one comparison settles all of it, for records are linked; another record in that place is a
 * `conflict` (LOG.md §2).
 */
function afterRepeats(draft: BatchDraft, entry: PageEntry): PageEntry['records'] {
  const tip = draft.state.tips.get(entry.chain);
  const first = entry.records[0] === undefined ? undefined : seqOf(entry.records[0].bytes);
  if (tip === undefined || first === undefined || first > tip.seq) return entry.records;
  const repeats = Math.min(tip.seq - first + 1, entry.records.length);
  const last = entry.records[repeats - 1]!;
  const leaf = leafHash(last.bytes);
  if (first + repeats - 1 === tip.seq && !leaf.equals(tip.head)) {
    const target = { chain: entry.chain, seq: tip.seq };
    const hashes = [tip.head.toString('base64'), leaf.toString('base64')];
    const reason = 'another record came at this place';
    draft.supervise(entry.session, 'conflict', entry.observed, { target, hashes, reason });
  }
  return entry.records.slice(repeats);
}

function seqOf(bytes: Buffer): number | undefined {
  try {
    const seq = (JSON.parse(bytes.toString('utf8')) as { seq?: unknown } | null)?.seq;
    return typeof seq === 'number' ? seq : undefined;
  } catch {
    return undefined;
  }
}

function breakChain(
  draft: BatchDraft,
  entry: PageEntry | BrokenEntry,
  expected: JsonObject,
  bytes: Buffer[],
  reason: string,
): void {
  const first = bytes[0];
  const came =
    first === undefined ? {} : { hash: sha256(first).toString('base64'), bytes: first.length };
  const tip = draft.state.tips.get(entry.chain);
  const target = { chain: entry.chain, seq: (tip?.seq ?? -1) + 1 };
  const fields = { target, expected, came, reason };
  draft.supervise(entry.session, 'broken', entry.observed, fields);
  const open = draft.state.sessions.get(entry.session);
  if (open !== undefined) draft.end(open, entry.chain, 'lost', 'broken', entry.observed);
  strays(draft, entry, bytes, reason);
}

/** Keeps bytes that have lost their chain's word, in `<session>/in`, marked `broken`. */
function strays(
  draft: BatchDraft,
  entry: PageEntry | BrokenEntry,
  bytes: Buffer[],
  reason: string,
): void {
  const open = draft.state.sessions.get(entry.session) ?? reopen(draft, entry);
  for (const record of bytes) {
    const fields = { broken: true, target: { chain: entry.chain }, reason };
    const event = { kind: 'other', t: entry.observed, fields, parts: { record } };
    pushRecord(draft, open, event, provenanceOf(entry));
  }
}

/** Nothing follows a `close`: what comes later belongs to a life of its own. */
function reopen(draft: BatchDraft, entry: PageEntry | BrokenEntry): OpenSession {
  const base = baseOf(entry.session);
  const session = currentLife(draft.state, base);
  const existing = draft.state.sessions.get(session);
  if (existing !== undefined) return existing;
  const fields = lifeFields(session, base, { source: { via: entry.via } });
  return openSession(draft, session, entry.observed, fields, true);
}

function provenanceOf(entry: PageEntry | BrokenEntry): Provenance {
  const { sandbox, via, vantage, peer, observed } = entry;
  return { sandbox, via, vantage, peer, observed };
}
