/**
 * The durable steps of one batch after its intent exists (LOG.md §3, steps 4 to 6): rows, parts and
 * tiles, then the signature, then the note. Recovery calls the same function.
 */
import { formatCheckpoint, type LogKey, signNote } from '@vitrine/chain';
import type { Store } from '@vitrine/store';
import type { IntentStore, PublishedNote } from '../sequence/intents.ts';
import type { Batch } from '../sequence/plan.ts';
import type { BatchRows } from './row.ts';

export interface CommitTarget {
  tenant: string;
  origin: string;
  key: LogKey;
  store: Store;
  intents: IntentStore;
}

/** `verify` reads back which indices exist: after a start, and after any failure. */
export async function commitBatch(
  target: CommitTarget,
  batch: Batch,
  rows: BatchRows,
  verify: boolean,
): Promise<PublishedNote> {
  target.intents.assertNewest(batch);
  const published = await insertBatch(target, batch, rows, verify);
  await target.intents.publish(published);
  return published;
}

/**
 * Step 5 alone: what a start repeats for a batch that was published before. Resolves with the note
 * that its tree gets, or has.
 */
export async function insertBatch(
  target: CommitTarget,
  batch: Batch,
  { records, parts }: BatchRows,
  verify: boolean,
): Promise<PublishedNote> {
  const tiles = batch.tiles.map((tile) => ({ log: batch.log, ...tile }));
  const note = noteOf(target, batch);
  const checkpoint = { log: batch.log, ...note };
  await target.store.insertBatch(records, parts, tiles, checkpoint, { verify });
  return note;
}

/** Ed25519 is deterministic: the note of a tree is the same bytes each time it is signed. */
function noteOf({ origin, key }: CommitTarget, { size, root }: Batch): PublishedNote {
  return { size, root, note: signNote(formatCheckpoint({ origin, size, root }), key) };
}
