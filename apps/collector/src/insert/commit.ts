/**
 * The durable steps of one batch after its intent exists (LOG.md §3, steps 4 to 6): rows, parts and
 * tiles, then the signature, then the note. Recovery calls the same function.
 */
import { type LogKey, formatCheckpoint, signNote } from '@vitrine/chain';
import type { Store } from '@vitrine/store';
import type { IntentStore, PublishedNote } from '../sequence/intents.ts';
import type { Batch } from '../sequence/plan.ts';
import { toRows } from './row.ts';

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
  verify: boolean,
): Promise<PublishedNote> {
  const { store, intents, origin } = target;
  intents.assertNewest(batch.first);
  const { rows, parts } = toRows(target.tenant, batch);
  const tiles = batch.tiles.map((tile) => ({ log: batch.log, ...tile }));
  const text = formatCheckpoint({ origin, size: batch.size, root: batch.root });
  const note = signNote(text, target.key);
  const checkpoint = { log: batch.log, size: batch.size, root: batch.root, note };
  await store.insertBatch(rows, parts, tiles, checkpoint, { verify });
  const published = { size: batch.size, root: batch.root, note };
  intents.publish(published);
  return published;
}
