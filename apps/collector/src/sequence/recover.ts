/**
 * What a log does before it accepts anything: finishes what was decided, reads its state back, and
 * checks the newest note, the tree's right edge and the last seal against each other (LOG.md §3).
 */
import { formatCheckpoint, signNote, TILE_WIDTH, TiledTree, type TileLevel } from '@vitrine/chain';
import { isObject, type JsonObject, readPath } from '@vitrine/schema';
import type { Store } from '@vitrine/store';
import { nodeReader } from '../api/nodes.ts';
import { CollectorError } from '../error.ts';
import { type CommitTarget, commitBatch, insertBatch } from '../insert/commit.ts';
import { toRows } from '../insert/row.ts';
import type { LogIdentity } from './identity.ts';
import type { PublishedNote } from './intents.ts';
import { headList } from './plan.ts';
import { readDays } from './recover-days.ts';
import { batchesToRedo } from './redo.ts';
import {
  chainName,
  type EvidenceTree,
  emptyState,
  type LogState,
  type OpenSession,
  OWN_SESSION,
} from './state.ts';

export interface Recovered {
  state: LogState;
  /** `null` when nothing was published yet, or the last seal has no heads. */
  evidence: EvidenceTree | null;
  published: PublishedNote | null;
}

/** `publishedMax`: how many published batches are looked at again; a rebuild has them all to do. */
export async function recoverLog(
  identity: LogIdentity,
  target: CommitTarget,
  publishedMax?: number,
): Promise<Recovered> {
  const { store, intents } = target;
  const newest = intents.newest();
  if (newest !== null) assertOurs(newest, target);
  await redo(target, publishedMax);
  const published = intents.newest();
  const stored = await store.lastCheckpoint(identity.log);
  if ((stored?.size ?? 0) > (published?.size ?? 0)) {
    const message = `the store has size ${stored!.size}, the log directory ${published?.size ?? 0}`;
    const hint = `restore ${identity.dir} from its last backup; nothing was changed`;
    throw new CollectorError('LOG_AHEAD', message, hint);
  }
  const state = emptyState(identity);
  if (published === null) return { state, evidence: null, published };
  await readTree(state, store, published);
  const heads = await readSeal(state, store, published);
  state.days = await readDays(store, identity.log, published.size, state.lastSeal!.tNs);
  await readSessions(state, store, published.size);
  const evidence = heads ? { note: published, heads: headList(state) } : null;
  return { state, evidence, published };
}

/** Ed25519 is deterministic: the newest note is what this key signs, or another key's. */
function assertOurs({ size, root, note }: PublishedNote, { origin, key }: CommitTarget): void {
  if (note === signNote(formatCheckpoint({ origin, size, root }), key)) return;
  const message = `the checkpoint at ${size} was not signed by the key of ${origin}`;
  const hint = 'restore the key and the log directory from the same backup; nothing was changed';
  throw new CollectorError('LOG_KEY_MISMATCH', message, hint);
}

/** An intent is a decision: what it names is finished, whoever stopped in between. */
async function redo(target: CommitTarget, publishedMax?: number): Promise<void> {
  const size = target.intents.newest()?.size ?? 0;
  for (const batch of batchesToRedo(target.intents, publishedMax)) {
    const rows = toRows(target.tenant, batch);
    if (batch.size > size) await commitBatch(target, batch, rows, true);
    else await insertBatch(target, batch, rows, true);
  }
}

/** The open end of each tile level, which gives the root. */
async function readTree(state: LogState, store: Store, note: PublishedNote): Promise<void> {
  const node = nodeReader(store, state.log, note.size);
  const levels: TileLevel[] = [];
  for (let level = 0; TILE_WIDTH ** level <= note.size; level++) {
    const total = Math.floor(note.size / TILE_WIDTH ** level);
    const full = Math.floor(total / TILE_WIDTH);
    const open = Array.from({ length: total % TILE_WIDTH }, (_, i) =>
      node(level * TILE_BITS, full * TILE_WIDTH + i),
    );
    levels.push({ full, open: await Promise.all(open) });
  }
  state.tree = TiledTree.fromLevels(levels);
  if (state.tree.root().equals(note.root)) return;
  const message = `the stored leaves do not give the root of the checkpoint at ${note.size}`;
  const hint = 'run vitrine fsck; nothing is accepted until the store is restored';
  throw new CollectorError('LOG_EDGE_MISMATCH', message, hint);
}

const TILE_BITS = Math.log2(TILE_WIDTH);

/** Reads the last seal; `true` when it commits to heads. */
async function readSeal(state: LogState, store: Store, note: PublishedNote): Promise<boolean> {
  const row = await store.record(state.log, note.size, note.size - 1);
  const seal = row === undefined ? null : (JSON.parse(row.record) as JsonObject);
  if (seal === null || seal.kind !== 'seal') {
    const message = `leaf ${note.size - 1} is no seal`;
    throw new CollectorError('LOG_EDGE_MISMATCH', message, 'run vitrine fsck');
  }
  const tNs = BigInt(String(seal.t));
  state.lastSeal = { n: Number(seal.n), tNs, size: note.size, root: note.root };
  state.headsAtNs = seal.heads === null ? 0n : tNs;
  state.consumed = {
    journal: Number(readPath(seal, 'src.journal')),
    detect: Number(readPath(seal, 'src.detect')),
  };
  return seal.heads !== null;
}

async function readSessions(state: LogState, store: Store, size: number): Promise<void> {
  const { log } = state;
  const names = await store.openSessions(log, size);
  for (const { session, kind, record } of await store.supervision(log, size, names)) {
    const fields = JSON.parse(record) as JsonObject;
    if (kind === 'open') state.sessions.set(session, openedSession(session, fields));
    const open = state.sessions.get(session);
    const chain = readPath(fields, 'target.chain');
    if (open === undefined || typeof chain !== 'string') continue;
    if (kind === 'join') open.joined.set(chain, { ended: false });
    if (kind === 'end') open.joined.set(chain, { ended: true });
  }
  for (const tip of await store.tips(log, size, [...names, OWN_SESSION])) {
    const { session, shim, seq, leaf: head } = tip;
    state.tips.set(chainName(session, shim), { session, shim, seq, head });
    const open = state.sessions.get(session);
    const seenNs = BigInt(tip.observed);
    if (open !== undefined && seenNs > open.lastAtNs) open.lastAtNs = seenNs;
  }
  for (const { subject, id } of await store.alertIds(log, size, names)) {
    state.alertIds.set(subject, (state.alertIds.get(subject) ?? new Set()).add(id));
  }
  state.lives = await store.closedLives(log, size);
}

/** The runtime describes its sandboxes; what pushes without one has no `runtime`. */
function openedSession(session: string, record: JsonObject): OpenSession {
  const { v, kind, seq, prev, shim, parts, t, session: _, ...opened } = record;
  const pushed = !isObject(record.host);
  return { session, opened, joined: new Map(), lastAtNs: 0n, pushed };
}
