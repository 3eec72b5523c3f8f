/**
 * One writer of the log as the collector runs it: recovers, then fills, plans and commits one batch
 * after the other, with the collector's own code for each step. Only waiting is left out.
 */
import { createHash } from 'node:crypto';
import { AT_NS, KEY, LOG } from '../../apps/collector/src/fixture/log.ts';
import { type CommitTarget, commitBatch } from '../../apps/collector/src/insert/commit.ts';
import { type BatchRows, toRows } from '../../apps/collector/src/insert/row.ts';
import type { Entry } from '../../apps/collector/src/queue/entry.ts';
import { applyEntry } from '../../apps/collector/src/sequence/apply.ts';
import { BatchDraft } from '../../apps/collector/src/sequence/draft.ts';
import { type Batch, planBatch } from '../../apps/collector/src/sequence/plan.ts';
import { recoverLog } from '../../apps/collector/src/sequence/recover.ts';
import type { LogState } from '../../apps/collector/src/sequence/state.ts';
import { StoreAway } from './store.ts';

export interface WriterEdges {
  target: CommitTarget;
  queue: readonly Entry[];
  nowNs: () => bigint;
  /** Entries of the next batch at most. */
  take: () => number;
  gate: () => Promise<void>;
  steps: WriterSteps;
}

/** The durable steps of a batch, for a test to put one in another's place. */
export interface WriterSteps {
  /** Where in the queue a start goes on. */
  from(state: LogState, queued: number): number;
  decide(target: CommitTarget, batch: Batch): Promise<void>;
  commit(target: CommitTarget, batch: Batch, rows: BatchRows, verify: boolean): Promise<unknown>;
}

export const STEPS: WriterSteps = {
  from: (state) => state.consumed.journal,
  decide: ({ intents }, batch) => intents.decide(batch),
  commit: commitBatch,
};

const IDENTITY = { tenant: 'default', log: LOG, origin: KEY.origin, key: KEY, dir: '', trust: '' };

/** Runs until its gate ends it, or until it finds that another writer has taken over. */
export async function runWriter(edges: WriterEdges): Promise<void> {
  const { target, queue, steps } = edges;
  await edges.gate();
  const { state } = await recoverLog(IDENTITY, target);
  state.consumed.journal = steps.from(state, queue.length);
  let serial = 0;
  for (let verify = true; ; ) {
    await edges.gate();
    const draft = new BatchDraft(state, () => saltOf(serial++));
    const first = state.consumed.journal;
    for (const entry of queue.slice(first, first + edges.take())) {
      applyEntry(draft, entry);
      state.consumed.journal++;
    }
    const { batch } = planBatch(draft, edges.nowNs());
    await commitUntilDone(edges, batch, toRows('default', batch), verify);
    verify = false;
    target.intents.forget(batch.size);
  }
}

/** As the sequencer does: decided once, then asked again and read back until the store has it. */
async function commitUntilDone(
  { target, steps, gate }: WriterEdges,
  batch: Batch,
  rows: BatchRows,
  verifyFirst: boolean,
): Promise<void> {
  let decided = false;
  for (let verify = verifyFirst; ; verify = true) {
    await gate();
    try {
      if (!decided) await steps.decide(target, batch);
      decided = true;
      await gate();
      await steps.commit(target, batch, rows, verify);
      return;
    } catch (error) {
      if (!(error instanceof StoreAway)) throw error;
    }
  }
}

function saltOf(serial: number): Buffer {
  return createHash('sha256').update(`${serial}`).digest().subarray(0, 16);
}

/** The clock of the model's host at its start. */
export const START_NS = AT_NS;
