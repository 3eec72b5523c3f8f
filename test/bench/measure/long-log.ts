/**
 * Makes a log of millions of records in a data directory that a collector has begun: by the
 * sequencer's own steps (draft, seal, intent, rows, note), without what carries records to it
 * (OTLP, relay, journal). All of it stands on one day, and detection has read it.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { TiledTree } from '@vitrine/chain';
import { openStore } from '@vitrine/store';
import { type CommitTarget, commitBatch } from '../../../apps/collector/src/insert/commit.ts';
import { toRows } from '../../../apps/collector/src/insert/row.ts';
import { applyEntry } from '../../../apps/collector/src/sequence/apply.ts';
import { BatchDraft } from '../../../apps/collector/src/sequence/draft.ts';
import { openIdentity } from '../../../apps/collector/src/sequence/identity.ts';
import { IntentStore } from '../../../apps/collector/src/sequence/intents.ts';
import { openSession } from '../../../apps/collector/src/sequence/life.ts';
import { planBatch } from '../../../apps/collector/src/sequence/plan.ts';
import { recoverLog } from '../../../apps/collector/src/sequence/recover.ts';
import { readChains } from '../../../apps/collector/src/sequence/recover-chains.ts';
import { emptyState, type LogState } from '../../../apps/collector/src/sequence/state.ts';

const SESSIONS_PER_BATCH = 10;
const EVENTS_PER_SESSION = 1_990;
const SHIM = 'b0.agent';
const NS_PER_MS = 1_000_000n;
const SALT_BYTES = 16;

/** Goes on from what there is until the log has `total` leaves; returns how many it has. */
export async function growLog(dataDir: string, total: number): Promise<number> {
  return extend(dataDir, async (target, state) => {
    while (state.tree.size < total) await addBatch(target, state);
  });
}

/** Adds one batch, with its seal, checkpoint and note, to a tree of which the rows are stored. */
export async function sealUpon(dataDir: string, tree: TiledTree): Promise<number> {
  return extend(dataDir, async (target, state) => {
    const { lastSeal, consumed } = state;
    const grown = { ...emptyState(state), tree, lastSeal, consumed };
    // The copies have sessions and chains of their own, to which the next seal commits.
    await readChains(grown, target.store, tree.size);
    await addBatch(target, grown);
  });
}

async function extend(
  dataDir: string,
  work: (target: CommitTarget, state: LogState) => Promise<void>,
): Promise<number> {
  const identity = openIdentity(dataDir, 'bench', 'default');
  const store = await openStore({ mode: 'embedded', dir: join(dataDir, 'store') }, () => {});
  try {
    const intents = new IntentStore(identity.dir);
    const { tenant, origin, key } = identity;
    const target: CommitTarget = { tenant, origin, key, store, intents };
    const { state } = await recoverLog(identity, target);
    await work(target, state);
    return state.tree.size;
  } finally {
    await store.close();
  }
}

async function addBatch(target: CommitTarget, state: LogState): Promise<void> {
  const nowNs = BigInt(Date.now()) * NS_PER_MS;
  const draft = new BatchDraft(state, () => randomBytes(SALT_BYTES));
  for (let i = 0; i < SESSIONS_PER_BATCH; i++) addSession(draft, String(nowNs));
  state.consumed.detect = state.tree.size + draft.count;
  const { batch } = planBatch(draft, nowNs);
  await target.intents.commit(batch);
  const note = await commitBatch(target, batch, toRows(target.tenant, batch), false);
  target.intents.forget(note.size);
}

/** Opens, speaks, ends and closes. */
function addSession(draft: BatchDraft, observed: string): void {
  const { state } = draft;
  const session = `bench-${state.tree.size}-${state.lives.size}`;
  const host = { name: 'host', id: 'host-1', ip: '10.0.0.1' };
  const open = openSession(draft, session, observed, { runtime: 'native', host }, false);
  const came = { observed, sandbox: session, via: 'opp', vantage: 'agent', peer: 'unix' } as const;
  for (let i = 0; i < EVENTS_PER_SESSION; i++) {
    const fields = { agent: { id: 'main' }, tool: { name: 'Bash', use_id: `use-${i}` } };
    const { leaf } = draft.make(session, SHIM, { kind: 'tool.call', t: observed, fields }, came);
    if (i === 0) draft.join(open, `${session}/${SHIM}`, leaf, observed);
  }
  applyEntry(draft, { kind: 'close', session, observed, reason: 'runtime' });
}
