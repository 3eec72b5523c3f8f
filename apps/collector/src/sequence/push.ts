/**
 * Requests of sources that push without a relay: the sequencer makes their records, in
 * `<session>/in` (LOG.md §2).
 */
import { ChainError, sessionName, sha256 } from '@vitrine/chain';
import {
  decodeExport,
  hookEvent,
  type JsonObject,
  type SandboxEvent,
  SchemaError,
  toEvents,
} from '@vitrine/schema';
import { decodedCount, takeDecoded } from '../queue/decoded.ts';
import type { PushEntry } from '../queue/entry.ts';
import type { BatchDraft, EventBody, Provenance } from './draft.ts';
import { currentLife, lifeFields, openSession } from './life.ts';
import { chainName, type OpenSession, PUSHED_SHIM } from './state.ts';

/** The session of a source that names none. */
const UNNAMED = 'push';
/** Of an event whose source says no time: it gets that of its receipt. */
const NO_TIME = '0';

export function applyPush(draft: BatchDraft, entry: PushEntry): void {
  let events: SandboxEvent[];
  try {
    events = eventsOf(entry);
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    const came = { hash: entry.hash, bytes: entry.body.length, principal: entry.principal };
    draft.own('audit', 'broken', entry.observed, { came, reason: error.message });
    return;
  }
  const atNs = BigInt(entry.observed);
  // One for all of them: records that came the same way are described once.
  const provenance: Provenance = {
    sandbox: '',
    via: viaOf(entry),
    vantage: 'agent',
    peer: entry.principal,
    observed: entry.observed,
  };
  const opened = new Map<string, OpenSession>();
  for (const event of events) {
    const named = event.session ?? UNNAMED;
    let open = opened.get(named);
    if (open === undefined) {
      open = pushedSession(draft, sessionName(named), entry);
      opened.set(named, open);
      open.lastAtNs = atNs;
    }
    if (event.t === NO_TIME) event.t = entry.observed;
    pushRecord(draft, open, event, provenance);
  }
}

/** Of entries whose records were counted and not made yet. */
const counted = new WeakMap<PushEntry, SandboxEvent[]>();
/** `open` and `join` of a session, beside each record of its own. */
const ANNOUNCING = 2;

/**
 * No fewer than the records that the entry gives, if every session it names is a new one; counted
 * only where it may be more than `enough`.
 */
export function recordsAtMost(entry: PushEntry, enough: number): number {
  const count = entry.signal === 'hook' ? 1 : decodedCount(entry);
  const most = count === undefined ? Number.POSITIVE_INFINITY : count * (1 + ANNOUNCING);
  if (most <= enough) return most;
  try {
    const events = eventsOf(entry);
    counted.set(entry, events);
    return events.length + ANNOUNCING * new Set(events.map(({ session }) => session)).size;
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    // It becomes one record that says so.
    return 1;
  }
}

function eventsOf(entry: PushEntry): SandboxEvent[] {
  const known = counted.get(entry);
  if (known !== undefined) return known;
  const { signal, contentType, body } = entry;
  if (signal === 'hook') return [hookEvent(body)];
  const decoded = takeDecoded(entry);
  return toEvents(decoded ?? decodeExport(signal, contentType, body, { direct: true }));
}

function viaOf({ signal }: PushEntry): string {
  return signal === 'hook' ? 'hook' : 'otlp';
}

/** Makes the next record of `<session>/in`; an event that can be none becomes `broken`. */
export function pushRecord(
  draft: BatchDraft,
  open: OpenSession,
  event: EventBody,
  provenance: Provenance,
): void {
  const { observed } = provenance;
  try {
    const { leaf } = draft.make(open.session, PUSHED_SHIM, event, provenance);
    draft.join(open, chainName(open.session, PUSHED_SHIM), leaf, observed);
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    const text = Buffer.from(JSON.stringify([event.kind, event.t, event.fields]), 'utf8');
    const came = { hash: sha256(text).toString('base64'), bytes: text.length };
    const fields = { target: { chain: chainName(open.session, PUSHED_SHIM) }, came };
    draft.supervise(open.session, 'broken', observed, { ...fields, reason: error.message });
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
  const { sessions } = draft.state;
  let base = named.session;
  let session = currentLife(draft.state, base);
  if (sessions.get(session)?.pushed === false) {
    base = sessionName(`push.${base}`).session;
    session = currentLife(draft.state, base);
  }
  const open = sessions.get(session);
  if (open !== undefined) return open;
  const source: JsonObject = { principal: entry.principal, via: viaOf(entry) };
  if (named.original !== undefined) source.session = named.original;
  const fields = lifeFields(session, base, { source });
  return openSession(draft, session, entry.observed, fields, true);
}
