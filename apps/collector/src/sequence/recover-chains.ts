/**
 * Reads back which sessions are open and where every chain that may still grow ends: all of it, or
 * what has come since a snapshot.
 */
import { isObject, type JsonObject, readPath } from '@vitrine/schema';
import type { Store, SupervisionRow, TipRow } from '@vitrine/store';
import { dayOf } from './days.ts';
import { baseOf } from './life.ts';
import { headsOfTips, readDays } from './recover-days.ts';
import type { Snapshot } from './snapshot.ts';
import { chainName, type LogState, type OpenSession, OWN_SESSION } from './state.ts';

/** Everything, from the store alone. */
export async function readChains(state: LogState, store: Store, size: number): Promise<void> {
  const { log } = state;
  state.days = await readDays(store, log, size, state.lastSeal!.tNs);
  const names = await store.openSessions(log, size);
  for (const row of await store.supervision(log, size, names)) takeSupervision(state, row);
  takeTips(state, await store.tips(log, size, [...names, OWN_SESSION]));
  takeAlerts(state, await store.alertIds(log, size, names));
  state.lives = await store.closedLives(log, size);
}

/** What a snapshot says, moved on to `size` by the leaves that it does not know. */
export async function followChains(
  state: LogState,
  store: Store,
  size: number,
  snapshot: Snapshot,
): Promise<void> {
  snapshot.restore(state);
  const { log } = state;
  const first = snapshot.size;
  if (first === size) return;
  const rows = await store.supervisionBetween(log, first, size);
  for (const row of rows) takeSupervision(state, row);
  const tips = await store.tipsBetween(log, first, size);
  takeTips(state, tips);
  takeAlerts(state, await store.alertIdsBetween(log, first, size));
  for (const { kind, session } of rows) if (kind === 'close') forget(state, session);
  const { tNs } = state.lastSeal!;
  const { days } = state;
  if (days.waits || days.today?.day !== dayOf(tNs)) {
    state.days = await readDays(store, log, size, tNs);
  } else {
    days.take(tNs, headsOfTips(tips));
  }
}

function takeSupervision(state: LogState, { session, kind, record }: SupervisionRow): void {
  const fields = JSON.parse(record) as JsonObject;
  if (kind === 'open') state.sessions.set(session, openedSession(session, fields));
  const open = state.sessions.get(session);
  const chain = readPath(fields, 'target.chain');
  if (open === undefined || typeof chain !== 'string') return;
  if (kind === 'join') open.joined.set(chain, { ended: false });
  if (kind === 'end') open.joined.set(chain, { ended: true });
  // The runtime has described what a source had opened: nobody else speaks for it any more.
  if (kind === 'conflict' && isObject(fields.described)) open.pushed = false;
}

function takeTips(state: LogState, tips: TipRow[]): void {
  for (const { session, shim, seq, leaf: head, observed } of tips) {
    state.tips.set(chainName(session, shim), { session, shim, seq, head });
    const open = state.sessions.get(session);
    const seenNs = BigInt(observed);
    if (open !== undefined && seenNs > open.lastAtNs) open.lastAtNs = seenNs;
  }
}

function takeAlerts(state: LogState, alerts: { subject: string; id: string }[]): void {
  for (const { subject, id } of alerts) {
    if (!state.sessions.has(subject)) continue;
    state.alertIds.set(subject, (state.alertIds.get(subject) ?? new Set()).add(id));
  }
}

/** Nothing follows a `close`. */
function forget(state: LogState, session: string): void {
  state.sessions.delete(session);
  state.alertIds.delete(session);
  for (const [chain, tip] of state.tips) if (tip.session === session) state.tips.delete(chain);
  const base = baseOf(session);
  state.lives.set(base, (state.lives.get(base) ?? 0) + 1);
}

/** The runtime describes its sandboxes; what pushes without one has no `runtime`. */
function openedSession(session: string, record: JsonObject): OpenSession {
  const { v, kind, seq, prev, shim, parts, t, session: _, ...opened } = record;
  const pushed = !isObject(record.host);
  return { session, opened, joined: new Map(), lastAtNs: 0n, pushed };
}
