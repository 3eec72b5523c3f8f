/**
 * Names of the lives of a session: `S`, then `S:2`, `S:3`, … (LOG.md §2). A name is used once; no
 * name from outside ends like one of ours (LOG.md §1).
 */
import type { JsonObject } from '@vitrine/schema';
import type { BatchDraft } from './draft.ts';
import { type LogState, type OpenSession, SUPERVISOR_SHIM } from './state.ts';

/** The name of the first life. */
export function baseOf(session: string): string {
  return session.replace(/:\d+$/, '');
}

/** The life of `base` that is open, or else the next one. */
export function currentLife(state: LogState, base: string): string {
  const lives = state.lives.get(base) ?? 0;
  return lives === 0 ? base : `${base}:${lives + 1}`;
}

export function lifeFields(session: string, base: string, fields: JsonObject): JsonObject {
  return session === base ? fields : { ...fields, previous: base };
}

/** Begins a session: `open` is the first record of its `sup` chain. Throws ChainError. */
export function openSession(
  draft: BatchDraft,
  session: string,
  t: string,
  fields: JsonObject,
  pushed: boolean,
): OpenSession {
  draft.make(session, SUPERVISOR_SHIM, { kind: 'open', t, fields }, null);
  const open: OpenSession = {
    session,
    opened: fields,
    joined: new Map(),
    lastAtNs: BigInt(t),
    pushed,
  };
  draft.state.sessions.set(session, open);
  return open;
}
