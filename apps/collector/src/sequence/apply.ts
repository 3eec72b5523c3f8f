/**
 * What each kind of queue entry does to a batch: the rules of LOG.md §2 about who writes which
 * chain. Never throws for the content of an entry: what cannot become a record of its own becomes a
 * `broken` record that names it.
 */
import { ChainError, sha256 } from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';
import {
  type CloseEntry,
  type EndEntry,
  type Entry,
  encodeEntry,
  type OpenEntry,
  type OwnEntry,
} from '../queue/entry.ts';
import type { BatchDraft } from './draft.ts';
import { baseOf, lifeFields, openSession } from './life.ts';
import { applyBroken, applyPage } from './page.ts';
import { applyPush } from './push.ts';
import type { Standing } from './standing.ts';
import { chainName, PUSHED_SHIM, SUPERVISOR_SHIM } from './state.ts';

const NOTHING: Standing = new Map();

/** Applies one entry. `standing`: what the log has where a page repeats it. */
export function applyEntry(draft: BatchDraft, entry: Entry, standing = NOTHING): void {
  try {
    applyKind(draft, entry, standing);
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    const bytes = encodeEntry(entry);
    const came = { entry: entry.kind, hash: sha256(bytes).toString('base64'), bytes: bytes.length };
    draft.own('audit', 'broken', entry.observed, { came, reason: error.message });
  }
}

function applyKind(draft: BatchDraft, entry: Entry, standing: Standing): void {
  switch (entry.kind) {
    case 'open':
      applyOpen(draft, entry);
      break;
    case 'page':
      applyPage(draft, entry, standing);
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
      applyOwn(draft, entry);
  }
}

function applyOwn(
  draft: BatchDraft,
  { chain, record, observed, fields, parts = {} }: OwnEntry,
): void {
  const texts = Object.entries(parts).map(([name, text]) => [name, Buffer.from(text)] as const);
  draft.own(chain, record, observed, fields, Object.fromEntries(texts));
}

/**
 * A session has one `open` (LOG.md §2). A source that pushed under the name before the runtime told
 * of it has opened it already: the runtime speaks for it from now on, and the log says so.
 */
function applyOpen(draft: BatchDraft, entry: OpenEntry): void {
  const { session, observed, original } = entry;
  const fields = { ...(entry.description as unknown as JsonObject) };
  if (original !== undefined) fields.session_name = original;
  const open = draft.state.sessions.get(session);
  if (open === undefined) {
    openSession(draft, session, observed, lifeFields(session, baseOf(session), fields), false);
    return;
  }
  const target = { chain: chainName(session, SUPERVISOR_SHIM) };
  const reason = 'the session was open when the runtime described it';
  draft.supervise(session, 'conflict', observed, { target, reason, described: fields });
  open.pushed = false;
}

function applyEnd(draft: BatchDraft, entry: EndEntry): void {
  const open = draft.state.sessions.get(entry.session);
  if (open !== undefined) {
    draft.end(open, entry.chain, entry.state, entry.reason, entry.observed);
  }
}

/** Ends what has no end, writes `close`, and forgets the session: nothing follows it. */
function applyClose(draft: BatchDraft, entry: CloseEntry): void {
  const { state } = draft;
  const open = state.sessions.get(entry.session);
  if (open === undefined) return;
  for (const chain of open.joined.keys()) {
    const pushed = chain === chainName(open.session, PUSHED_SHIM);
    draft.end(open, chain, pushed ? 'closed' : 'lost', entry.reason, entry.observed);
  }
  const event = { kind: 'close', t: entry.observed, fields: { reason: entry.reason } };
  draft.make(open.session, SUPERVISOR_SHIM, event, null);
  state.sessions.delete(entry.session);
  state.alertIds.delete(entry.session);
  for (const chain of [...open.joined.keys(), chainName(open.session, SUPERVISOR_SHIM)]) {
    state.tips.delete(chain);
  }
  const base = baseOf(entry.session);
  state.lives.set(base, (state.lives.get(base) ?? 0) + 1);
}
