/**
 * One writer of the log as the collector runs it: recovers, then fills and plans each batch while
 * the one before is committed, with the collector's own code for each step and for their order.
 * Only waiting is left out.
 */
import { createHash } from 'node:crypto';
import { AT_NS, KEY, LOG } from '../../apps/collector/src/fixture/log.ts';
import { type CommitTarget, commitBatch } from '../../apps/collector/src/insert/commit.ts';
import { type BatchRows, toRows } from '../../apps/collector/src/insert/row.ts';
import type { Entry } from '../../apps/collector/src/queue/entry.ts';
import type { Positioned } from '../../apps/collector/src/queue/journal.ts';
import { Filling } from '../../apps/collector/src/sequence/fill.ts';
import { type OverlapSteps, PUBLISHED, sealOn } from '../../apps/collector/src/sequence/overlap.ts';
import { type Batch, planBatch } from '../../apps/collector/src/sequence/plan.ts';
import { recoverLog } from '../../apps/collector/src/sequence/recover.ts';
import type { LogState } from '../../apps/collector/src/sequence/state.ts';
import { Violation } from './published.ts';
import { StoreAway } from './store.ts';

export interface WriterEdges {
  target: CommitTarget;
  queue: readonly Entry[];
  nowNs: () => bigint;
  /** Entries of the next batch at most. */
  take: () => number;
  /** A batch is full before its turn; or the state has to rest before the next one. */
  early: () => boolean;
  gate: () => Promise<void>;
  dead: () => boolean;
  steps: WriterSteps;
}

/** The durable steps of a batch, for a test to put one in another's place. */
export interface WriterSteps {
  /** Where in the queue a start goes on. */
  from(state: LogState, queued: number): number;
  decide(target: CommitTarget, batch: Batch): Promise<void>;
  commit(target: CommitTarget, batch: Batch, rows: BatchRows, verify: boolean): Promise<unknown>;
  sealOn(steps: OverlapSteps<Batch>): Promise<boolean>;
  /** What a page waits for before it is compared with what the log has. */
  compares(before: Promise<boolean>): Promise<boolean>;
}

export const STEPS: WriterSteps = {
  from: (state) => state.consumed.journal,
  decide: ({ intents }, batch) => intents.decide(batch),
  commit: commitBatch,
  sealOn,
  compares: (before) => before,
};

const IDENTITY = { tenant: 'default', log: LOG, origin: KEY.origin, key: KEY, dir: '', trust: '' };

/** Runs until its gate ends it, or until it finds that another writer has taken over. */
export async function runWriter(edges: WriterEdges): Promise<void> {
  const { target, queue, steps } = edges;
  await edges.gate();
  const { state } = await recoverLog(IDENTITY, target);
  state.consumed.journal = steps.from(state, queue.length);
  let serial = 0;
  let verify = true;
  const making = { edges, state, salt: () => saltOf(serial++), next: state.consumed.journal };
  for (;;) {
    await steps.sealOn({
      make: (before) => make(making, before),
      async commit(batch) {
        await commitUntilDone(edges, batch, toRows('default', batch), verify);
        verify = false;
        target.intents.forget(batch.size);
        return true;
      },
      rests: edges.early,
    });
    const published = target.intents.newest()?.size ?? 0;
    if (state.lastSeal!.size > published) throw new Violation('the state rests on what is not out');
  }
}

interface Making {
  edges: WriterEdges;
  state: LogState;
  salt: () => Buffer;
  /** Of the queue, what is taken next. */
  next: number;
}

/** As the sequencer does: when it is its turn, or before that as if the batch were full. */
async function make(making: Making, before: Promise<boolean>): Promise<Batch | null | undefined> {
  const { edges, state, salt } = making;
  const { target, queue, take, gate, steps } = edges;
  let left = 0;
  const journal = {
    take(): Positioned[] {
      const some = queue.slice(making.next, making.next + left);
      const position = making.next;
      making.next += some.length;
      left = 0;
      return some.map((entry, i) => ({ entry, position: position + i, bytes: 1 }));
    },
    leave() {},
  };
  const rest = { log: () => {}, stopping: edges.dead, before: steps.compares(before) };
  const filling = new Filling({ state, journal, store: target.store, salt, ...rest });
  const full = edges.early();
  let turn: boolean | undefined;
  void before.then((published) => {
    turn = published;
  });
  do {
    await gate();
    left = take();
    if (!(await filling.take())) return null;
  } while (turn === undefined && !full);
  if (turn === false) return null;
  if (filling.empty && before !== PUBLISHED) return undefined;
  return planBatch(filling.draft, edges.nowNs()).batch;
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
