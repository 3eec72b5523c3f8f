/**
 * What each kind of queue entry does to a batch: the rules of LOG.md §2 about who writes which
 * chain. Never throws for the content of an entry: what cannot become a record of its own becomes a
 * `broken` record that keeps it.
 */
import { admitRecord, ChainError, leafHash, sessionName, sha256 } from '@vitrine/chain';
import {
  decodeExport,
  type JsonObject,
  type SandboxEvent,
  SchemaError,
  toEvents,
} from '@vitrine/schema';
import type {
  BrokenEntry,
  CloseEntry,
  EndEntry,
  Entry,
  OpenEntry,
  PageEntry,
  PushEntry,
} from '../queue/entry.ts';
import type { BatchDraft, Provenance } from './draft.ts';
import { chainName, type OpenSession, PUSHED_SHIM, SUPERVISOR_SHIM } from './state.ts';

/** Applies one entry. */
export function applyEntry(draft: BatchDraft, entry: Entry): void {
  switch (entry.kind) {
    case 'open':
      applyOpen(draft, entry);
      break;
    case 'page':
      applyPage(draft, entry);
      break;
    case 'broken':
      applyBroken(draft, entry);
      break;
    case 'push':
      applyPush(draft, entry);
      break;
    case 'end':
      applyEnd(draft, entry);
      break;
    case 'close':
      applyClose(draft, entry);
      break;
    case 'own':
      draft.own(entry.chain, entry.record, entry.observed, entry.fields);
  }
}

function applyOpen(draft: BatchDraft, entry: OpenEntry): void {
  if (draft.state.sessions.has(entry.session)) return;
  const fields = entry.description as unknown as JsonObject;
  openSession(draft, entry.session, entry.observed, fields, false);
}

function openSession(
  draft: BatchDraft,
  session: string,
  t: string,
  fields: JsonObject,
  pushed: boolean,
): OpenSession {
  const open: OpenSession = {
    session,
    opened: fields,
    joined: new Map(),
    lastAtNs: BigInt(t),
    pushed,
  };
  draft.state.sessions.set(session, open);
  draft.make(session, SUPERVISOR_SHIM, { kind: 'open', t, fields }, null);
  return open;
}

function applyPage(draft: BatchDraft, entry: PageEntry): void {
  const open = draft.state.sessions.get(entry.session);
  if (open === undefined) {
    const reason = 'the session is not open';
    strays(
      draft,
      entry,
      entry.records.map((r) => r.bytes),
      reason,
    );
    return;
  }
  open.lastAtNs = BigInt(entry.observed);
  if (open.joined.get(entry.chain)?.ended === true) {
    strays(
      draft,
      entry,
      entry.records.map((r) => r.bytes),
      'the chain has ended',
    );
    return;
  }
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

/**
 * A page that came twice begins with records the log has. One comparison settles the whole overlap,
 * for records are linked; another record in the same place is a `conflict` (LOG.md §2).
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
    draft.supervise(entry.session, 'conflict', entry.observed, { target, hashes });
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

function applyBroken(draft: BatchDraft, entry: BrokenEntry): void {
  breakChain(draft, entry, { ...entry.expected, came: entry.came }, entry.strays, entry.reason);
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

function reopen(draft: BatchDraft, entry: PageEntry | BrokenEntry): OpenSession {
  const session = nextLife(draft, entry.session);
  const existing = draft.state.sessions.get(session);
  if (existing !== undefined) return existing;
  const fields = lifeFields(session, entry.session, { source: { via: entry.via } });
  return openSession(draft, session, entry.observed, fields, true);
}

function applyPush(draft: BatchDraft, entry: PushEntry): void {
  let events: SandboxEvent[];
  try {
    events = toEvents(decodeExport(entry.signal, entry.contentType, entry.body));
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    const came = { hash: entry.hash, bytes: entry.body.length, principal: entry.principal };
    const fields = { came, reason: error.message };
    draft.own('audit', 'broken', entry.observed, fields);
    return;
  }
  for (const event of events) {
    const named = sessionName(event.session ?? 'push');
    const open = pushedSession(draft, named, entry);
    open.lastAtNs = BigInt(entry.observed);
    const provenance: Provenance = {
      sandbox: '',
      via: 'otlp',
      vantage: 'agent',
      peer: entry.principal,
      observed: entry.observed,
    };
    pushRecord(draft, open, event, provenance);
  }
}

/**
 * The open life of a pushed session. A source that pushes cannot speak for a sandbox that the
 * runtime registered: a claim to its name gets a session of its own.
 */
function pushedSession(
  draft: BatchDraft,
  named: { session: string; original?: string },
  entry: PushEntry,
): OpenSession {
  let base = named.session;
  const claimed = draft.state.sessions.get(base);
  if (claimed !== undefined && !claimed.pushed) base = sessionName(`push.${base}`).session;
  const session = nextLife(draft, base);
  const open = draft.state.sessions.get(session);
  if (open !== undefined) return open;
  const source: JsonObject = { principal: entry.principal, via: 'otlp' };
  if (named.original !== undefined) source.session = named.original;
  const fields = lifeFields(session, base, { source });
  return openSession(draft, session, entry.observed, fields, true);
}

/** The name under which `base` may be open now: itself, or `base:n` after `n - 1` closed lives. */
function nextLife(draft: BatchDraft, base: string): string {
  if (draft.state.sessions.has(base)) return base;
  const lives = draft.state.lives.get(base) ?? 0;
  return lives === 0 ? base : `${base}:${lives + 1}`;
}

function lifeFields(session: string, base: string, fields: JsonObject): JsonObject {
  return session === base ? fields : { ...fields, previous: base };
}

function pushRecord(
  draft: BatchDraft,
  open: OpenSession,
  event: { kind: string; t: string; fields: JsonObject; parts?: Record<string, Uint8Array> },
  provenance: Provenance,
): void {
  const made = draft.make(open.session, PUSHED_SHIM, event, provenance);
  const chain = chainName(open.session, PUSHED_SHIM);
  draft.join(open, chain, made.leaf, provenance.observed);
}

function applyEnd(draft: BatchDraft, entry: EndEntry): void {
  const open = draft.state.sessions.get(entry.session);
  if (open !== undefined) {
    draft.end(open, entry.chain, entry.state, entry.reason, entry.observed);
  }
}

/** Ends what has no end, writes `close`, and forgets the session: nothing follows it. */
function applyClose(draft: BatchDraft, entry: CloseEntry): void {
  const open = draft.state.sessions.get(entry.session);
  if (open === undefined) return;
  for (const chain of open.joined.keys()) {
    const pushed = chain === chainName(open.session, PUSHED_SHIM);
    draft.end(open, chain, pushed ? 'closed' : 'lost', entry.reason, entry.observed);
  }
  const event = { kind: 'close', t: entry.observed, fields: { reason: entry.reason } };
  draft.make(open.session, SUPERVISOR_SHIM, event, null);
  draft.state.sessions.delete(entry.session);
  draft.state.alertIds.delete(entry.session);
  for (const chain of [...open.joined.keys(), chainName(open.session, SUPERVISOR_SHIM)]) {
    draft.state.tips.delete(chain);
  }
  const base = entry.session.replace(/:\d+$/, '');
  draft.state.lives.set(base, (draft.state.lives.get(base) ?? 0) + 1);
}

function provenanceOf(entry: PageEntry | BrokenEntry): Provenance {
  const { sandbox, via, vantage, peer, observed } = entry;
  return { sandbox, via, vantage, peer, observed };
}
