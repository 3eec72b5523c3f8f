/**
 * Checks where the chains end when the newest seal does not say it (LOG.md §3: where there are very
 * many, not every seal has heads): by the newest seal before it that does, and by every leaf since,
 * all of which the signed root commits to.
 */
import { inclusionPath, leafHash, type NodeReader, verifyInclusion } from '@vitrine/chain';
import { type JsonObject, recordColumns } from '@vitrine/schema';
import type { Store } from '@vitrine/store';
import type { LogIdentity } from './identity.ts';
import type { PublishedNote } from './intents.ts';
import { headList } from './plan.ts';
import { readChains } from './recover-chains.ts';
import { treeAt } from './recover-tree.ts';
import { chainName, emptyState, type LogState, SUPERVISOR_SHIM } from './state.ts';

export interface HeadsEdge {
  identity: LogIdentity;
  note: PublishedNote;
  node: NodeReader;
}

const SEALS_PAGE = 100;
const LEAVES_PAGE = 5_000;

/** Whether the tips of `state` are those that the seals and the leaves of its tree give. */
export async function tipsFollow(state: LogState, edge: HeadsEdge, store: Store): Promise<boolean> {
  const seal = await newestWithHeads(edge, store);
  if (seal === undefined) return false;
  const before = emptyState(edge.identity);
  before.lastSeal = { n: 0, tNs: BigInt(seal.t), size: seal.size, root: edge.note.root };
  await readChains(before, store, seal.size);
  const { root, size } = before.heads.update(headList(before));
  if (size !== seal.heads.size || root.toString('base64') !== seal.heads.root) return false;
  if (!(await followLeaves(before, edge, store, seal.size))) return false;
  const expected = before.heads.update(headList(before));
  const found = state.heads.update(headList(state));
  return expected.size === found.size && expected.root.equals(found.root);
}

interface SealWithHeads {
  /** Of the tree that it is the last leaf of. */
  size: number;
  t: string;
  heads: { root: string; size: number };
}

async function newestWithHeads(
  { identity, note, node }: HeadsEdge,
  store: Store,
): Promise<SealWithHeads | undefined> {
  const filter = { log: identity.log, size: note.size, order: 'desc', limit: SEALS_PAGE } as const;
  for (let after: number | undefined; ; ) {
    const where = after === undefined ? {} : { after };
    const rows = await store.events({ ...filter, ...where, kinds: ['seal'] });
    for (const { idx, record } of rows) {
      const body = JSON.parse(record) as Pick<SealWithHeads, 't' | 'heads'> & { kind: string };
      if (body.kind !== 'seal' || !body.heads) continue;
      const path = await inclusionPath(idx, note.size, node);
      const leaf = leafHash(Buffer.from(record));
      if (!verifyInclusion(leaf, idx, note.size, path, note.root)) return undefined;
      return { size: idx + 1, t: body.t, heads: body.heads };
    }
    if (rows.length < SEALS_PAGE) return undefined;
    after = rows.at(-1)!.idx;
  }
}

/** Moves the tips on by each leaf from `first` on; `false` where these do not give the root. */
async function followLeaves(
  state: LogState,
  { identity, note, node }: HeadsEdge,
  store: Store,
  first: number,
): Promise<boolean> {
  const tree = await treeAt(node, first);
  const filter = { log: identity.log, size: note.size, order: 'asc', limit: LEAVES_PAGE } as const;
  while (tree.size < note.size) {
    const rows = await store.events({ ...filter, after: tree.size - 1 });
    for (const { idx, record } of rows) {
      if (idx !== tree.size) return false;
      const leaf = leafHash(Buffer.from(record));
      tree.append(leaf);
      takeLeaf(state, JSON.parse(record) as JsonObject, leaf);
    }
    if (rows.length === 0) return false;
  }
  return tree.root().equals(note.root);
}

function takeLeaf({ tips }: LogState, record: JsonObject, head: Buffer): void {
  const { session, shim, seq, kind } = recordColumns(record);
  if (seq === null) return;
  tips.set(chainName(session, shim), { session, shim, seq, head });
  if (kind !== 'close' || shim !== SUPERVISOR_SHIM) return;
  for (const [chain, tip] of tips) if (tip.session === session) tips.delete(chain);
}
