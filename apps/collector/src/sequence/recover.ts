/**
 * What a log does before it accepts anything: finishes what was decided, reads its state back, and
 * checks the newest note, the tree's right edge and the last seal against each other (LOG.md §3).
 */
import {
  consistencyPath,
  formatCheckpoint,
  inclusionPath,
  leafHash,
  type NodeReader,
  type SealBody,
  signNote,
  type TiledTree,
  verifyConsistency,
  verifyInclusion,
} from '@vitrine/chain';
import type { JsonObject } from '@vitrine/schema';
import type { Store } from '@vitrine/store';
import { nodeReader } from '../api/nodes.ts';
import { CollectorError } from '../error.ts';
import { type CommitTarget, commitBatch, insertBatch } from '../insert/commit.ts';
import { toRows } from '../insert/row.ts';
import type { LogIdentity } from './identity.ts';
import type { PublishedNote } from './intents.ts';
import { headList } from './plan.ts';
import { followChains, readChains } from './recover-chains.ts';
import { tipsFollow } from './recover-heads.ts';
import { treeAt } from './recover-tree.ts';
import { batchesToRedo } from './redo.ts';
import type { Snapshot, Snapshots } from './snapshot.ts';
import {
  type Consumed,
  type EvidenceTree,
  emptyState,
  type LastSeal,
  type LogState,
} from './state.ts';

export interface Recovered {
  state: LogState;
  /** `null` when nothing was published yet, or the last seal has no heads. */
  evidence: EvidenceTree | null;
  published: PublishedNote | null;
}

export interface RecoverOptions {
  /** How many published batches are looked at again; a rebuild has them all to do. */
  publishedMax?: number;
  /** What spares the start most of its reading. */
  snapshots?: Snapshots;
  log?: (line: string) => void;
}

export async function recoverLog(
  identity: LogIdentity,
  target: CommitTarget,
  { publishedMax, snapshots, log = () => {} }: RecoverOptions = {},
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
  if (published === null) return { state: emptyState(identity), evidence: null, published };
  const edge = await readEdge(identity, store, published);
  const snapshot = snapshots?.read();
  const state =
    (snapshot && (await followed(edge, store, snapshot, log))) ?? (await readBack(edge, store));
  const evidence = edge.heads === null ? null : { note: published, heads: headList(state) };
  return { state, evidence, published };
}

/** The newest tree, as its note, its leaves and its last seal say. */
interface Edge {
  identity: LogIdentity;
  note: PublishedNote;
  tree: TiledTree;
  node: NodeReader;
  lastSeal: LastSeal;
  heads: SealBody['heads'];
  consumed: Consumed;
}

function stateAt({ identity, tree, lastSeal, heads, consumed }: Edge): LogState {
  const headsAtNs = heads === null ? 0n : lastSeal.tNs;
  return { ...emptyState(identity), tree, lastSeal, headsAtNs, consumed };
}

/** From a snapshot of this very log and what came since; `undefined` where it does not fit. */
async function followed(
  edge: Edge,
  store: Store,
  snapshot: Snapshot,
  log: (line: string) => void,
): Promise<LogState | undefined> {
  const state = stateAt(edge);
  let reason = '';
  try {
    if (await isBefore(snapshot, edge)) {
      await followChains(state, store, edge.note.size, snapshot);
      if (await headsAgree(state, edge, store)) return state;
    }
  } catch (error) {
    // Since an old one more may have come than one question brings.
    reason = `: ${String(error)}`;
  }
  log(`recover: the snapshot does not lead to the newest seal${reason}; reading all chains back`);
  return undefined;
}

/** Whether the newest tree grew out of the snapshot's (RFC 6962 §2.1.2). */
async function isBefore({ size, root }: Snapshot, { note, node }: Edge): Promise<boolean> {
  if (size >= note.size) return size === note.size && root.equals(note.root);
  const path = await consistencyPath(size, note.size, node);
  return verifyConsistency({ size, root }, note, path);
}

async function readBack(edge: Edge, store: Store): Promise<LogState> {
  const state = stateAt(edge);
  await readChains(state, store, edge.note.size);
  if (await headsAgree(state, edge, store)) return state;
  throw edgeMismatch(`the stored chains do not give the heads of the seal at ${edge.note.size}`);
}

/** The seal commits to the end of every chain that may still grow, or one before it does. */
async function headsAgree(state: LogState, edge: Edge, store: Store): Promise<boolean> {
  const { root, size } = state.heads.update(headList(state));
  const { heads } = edge;
  if (heads === null) return await tipsFollow(state, edge, store);
  return heads.size === size && heads.root === root.toString('base64');
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

/** The open end of each tile level, which gives the root, and the seal that is the last leaf. */
async function readEdge(identity: LogIdentity, store: Store, note: PublishedNote): Promise<Edge> {
  const node = nodeReader(store, identity.log, note.size);
  const tree = await treeAt(node, note.size);
  if (!tree.root().equals(note.root)) {
    throw edgeMismatch(`the stored leaves do not give the root of the checkpoint at ${note.size}`);
  }
  const { n, t, src, heads } = await readSeal(identity.log, store, note, node);
  const lastSeal = { n, tNs: BigInt(t), size: note.size, root: note.root };
  const consumed = { journal: Number(src.journal), detect: Number(src.detect) };
  return { identity, note, tree, node, lastSeal, heads, consumed };
}

async function readSeal(
  log: string,
  store: Store,
  { size, root }: PublishedNote,
  node: NodeReader,
): Promise<SealBody> {
  const row = await store.record(log, size, size - 1);
  const seal = row === undefined ? null : (JSON.parse(row.record) as JsonObject);
  if (row === undefined || seal?.kind !== 'seal') throw edgeMismatch(`leaf ${size - 1} is no seal`);
  const path = await inclusionPath(size - 1, size, node);
  if (!verifyInclusion(leafHash(Buffer.from(row.record)), size - 1, size, path, root)) {
    throw edgeMismatch(`the seal stored at ${size - 1} is not the one in the tree`);
  }
  return seal as unknown as SealBody;
}

function edgeMismatch(message: string): CollectorError {
  const hint = 'run vitrine fsck; nothing is accepted until the store is restored';
  return new CollectorError('LOG_EDGE_MISMATCH', message, hint);
}
