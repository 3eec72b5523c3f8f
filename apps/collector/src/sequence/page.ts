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
import { repeatsOf, type Standing } from './standing.ts';
import { type OpenSession, shimOf } from './state.ts';

export function applyPage(draft: BatchDraft, entry: PageEntry, standing: Standing): void {
  const open = draft.state.sessions.get(entry.session);
  const refusal = refusalOf(open, entry);
  if (open === undefined || refusal !== null) {
    const kept = entry.records.filter((_, i) => !isKnown(draft, entry, standing, i));
    const bytes = kept.map((record) => record.bytes);
    strays(draft, entry, bytes, refusal ?? 'the session is not open');
    return;
  }
  open.lastAtNs = BigInt(entry.observed);
  const shim = shimOf(entry.session, entry.chain);
  const records = afterRepeats(draft, entry, standing);
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
 * A page that came twice begins with records the log has. Other bytes at such a place are a
 * `conflict` (LOG.md §2): one for each page, at the first place that differs, for every later one
 * links to it.
 */
function afterRepeats(
  draft: BatchDraft,
  entry: PageEntry,
  standing: Standing,
): PageEntry['records'] {
  const repeats = repeatsOf(draft, entry);
  if (repeats === undefined) return entry.records;
  const { first, count } = repeats;
  for (let i = 0; i < count; i++) {
    const seq = first + i;
    const known = leafAt(draft, entry, standing, seq);
    const leaf = leafHash(entry.records[i]!.bytes);
    if (known === undefined || leaf.equals(known)) continue;
    const target = { chain: entry.chain, seq };
    const hashes = [known.toString('base64'), leaf.toString('base64')];
    const reason = 'another record came at this place';
    draft.supervise(entry.session, 'conflict', entry.observed, { target, hashes, reason });
    break;
  }
  return entry.records.slice(count);
}

/** What the log has at a place of the page's chain, as far as that was read. */
function leafAt(
  { state }: BatchDraft,
  { chain }: PageEntry,
  standing: Standing,
  seq: number,
): Buffer | undefined {
  const tip = state.tips.get(chain);
  return standing.get(seq) ?? (seq === tip?.seq ? tip.head : undefined);
}

/** Same place, same bytes: dropped, also where the chain is not believed any more (LOG.md §2). */
function isKnown(draft: BatchDraft, entry: PageEntry, standing: Standing, i: number): boolean {
  const repeats = repeatsOf(draft, entry);
  if (repeats === undefined || i >= repeats.count) return false;
  const known = leafAt(draft, entry, standing, repeats.first + i);
  return known?.equals(leafHash(entry.records[i]!.bytes)) === true;
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
