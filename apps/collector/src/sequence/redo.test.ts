/** What a start finishes, and what a superseded writer has left in its way. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { formatCheckpoint, signNote } from '@vitrine/chain';
import { AT_NS, asKept, emptyLog, KEY, openEntry, seal } from '../fixture/log.ts';
import { IntentStore } from './intents.ts';
import type { Batch } from './plan.ts';
import { batchesToRedo } from './redo.ts';
import type { LogState } from './state.ts';

let dir: string;
let store: IntentStore;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vitrine-redo-'));
  store = new IntentStore(dir);
});
afterEach(() => rmSync(dir, { recursive: true }));

async function decide(state: LogState, session: string): Promise<Batch> {
  const { batch } = seal(state, [openEntry(session)], AT_NS);
  await store.commit(batch);
  return batch;
}

function publish({ size, root }: Batch): Promise<void> {
  const text = formatCheckpoint({ origin: KEY.origin, size, root });
  return store.publish({ size, root, note: signNote(text, KEY) });
}

/** Of a second writer, that has heard of the first batch and of no later one. */
function late(entries: number): Batch {
  const state = emptyLog();
  seal(state, [openEntry('a')], AT_NS);
  const sessions = Array.from({ length: entries }, (_, i) => openEntry(`late-${i}`));
  return seal(state, sessions, AT_NS + 1n).batch;
}

const sizes = (): number[] => batchesToRedo(store).map(({ size }) => size);

describe('a start finishes', () => {
  it('nothing of an empty log, and the first batch that was decided', async () => {
    assert.deepEqual(sizes(), []);
    const first = await decide(emptyLog(), 'a');
    assert.deepEqual(batchesToRedo(store), [asKept(first)]);
  });

  it('the published batches that are kept, and what was decided after them', async () => {
    const state = emptyLog();
    const batches: Batch[] = [];
    for (const session of ['a', 'b', 'c']) batches.push(await decide(state, session));
    await publish(batches[1]!);
    assert.deepEqual(batchesToRedo(store), batches.map(asKept));
  });

  it('nothing of a writer that was superseded, whatever the size of its tree', async () => {
    const state = emptyLog();
    const ours: Batch[] = [];
    for (const session of ['a', 'b', 'c', 'd']) {
      const batch = await decide(state, session);
      await publish(batch);
      ours.push(batch);
    }
    for (const { first } of ours.slice(0, 3)) rmSync(join(dir, 'intent', intentName(first)));
    for (const entries of [1, 3, 5, 50]) {
      const zombie = late(entries);
      assert.equal(await store.commit(zombie), zombie, 'the decision that it missed is not kept');
      assert.deepEqual(
        batchesToRedo(store),
        [asKept(ours[3]!)],
        `its tree has ${zombie.size} leaves`,
      );
      rmSync(join(dir, 'intent', intentName(zombie.first)));
    }
  });

  it('no batch whose blob was dropped, but needs one that was not published', async () => {
    const state = emptyLog();
    const first = await decide(state, 'a');
    await publish(first);
    store.dropBlobs(first.size);
    assert.deepEqual(sizes(), []);
    await decide(state, 'b');
    store.dropBlobs(Number.POSITIVE_INFINITY);
    assert.throws(sizes, { code: 'INTENT_CORRUPT' });
  });

  it('no batch that stands on another tree than the newest note', async () => {
    await publish(await decide(emptyLog(), 'b'));
    await store.commit(late(1));
    assert.throws(sizes, { code: 'INTENT_CORRUPT' });
  });
});

function intentName(first: number): string {
  return String(first).padStart(16, '0');
}
