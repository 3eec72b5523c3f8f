/**
 * Which batches a start finishes: those that were decided and not published, and the newest
 * published ones, whose rows may have been lost since. An intent is no proof that it is one of
 * them: a writer that was superseded leaves one behind (LOG.md §3, steps 3 and 4), and what it
 * holds must never get rows or a signature.
 */
import type { JsonObject } from '@vitrine/schema';
import { CollectorError } from '../error.ts';
import { INTENTS_KEPT, type Intent, type IntentStore } from './intents.ts';
import type { Batch } from './plan.ts';

export interface Tree {
  size: number;
  /** Base64. */
  root: string;
}

/**
 * In their order, each with its batch; of the published ones the newest, or as many as lead back
 * from them. Throws INTENT_CORRUPT.
 */
export function batchesToRedo(intents: IntentStore, publishedMax = INTENTS_KEPT): Batch[] {
  const newest = intents.newest();
  const tree = newest === null ? null : { size: newest.size, root: newest.root.toString('base64') };
  const all = intents.intents();
  const published = tree === null ? [] : historyOf(tree, all, intents, publishedMax);
  return [...published, ...decidedAfter(tree, all, intents)];
}

/** Back from the newest note, by what each seal says of the tree before it. */
function historyOf(newest: Tree, all: Intent[], intents: IntentStore, max: number): Batch[] {
  const batches: Batch[] = [];
  let tree: Tree | null = newest;
  while (tree !== null && batches.length < max) {
    const { size, root }: Tree = tree;
    const intent = all.find((one) => one.size === size && one.root === root);
    // Blobs are dropped when the store has their rows whole; so has it those of all before.
    if (intent === undefined || !intents.hasBlob(intent)) break;
    const batch = intents.load(intent);
    batches.unshift(batch);
    tree = treeBefore(batch);
  }
  return batches;
}

function decidedAfter(tree: Tree | null, all: Intent[], intents: IntentStore): Batch[] {
  const size = tree?.size ?? 0;
  // What begins below the newest tree and ends beyond it was decided too late.
  return all
    .filter((intent) => intent.first >= size)
    .map((intent) => {
      if (!intents.hasBlob(intent)) throw corrupt(intent, 'was decided, and its batch is gone');
      const batch = intents.load(intent);
      if (intent.first === size && treeBefore(batch)?.root !== tree?.root) {
        throw corrupt(intent, `does not continue the newest note`);
      }
      return batch;
    });
}

/** What its seal says of the tree that the batch continues; `null` for the first. */
export function treeBefore({ rows }: Batch): Tree | null {
  const seal = JSON.parse(rows.at(-1)!.bytes.toString('utf8')) as JsonObject;
  return seal.prev as Tree | null;
}

function corrupt({ first }: Intent, what: string): CollectorError {
  const hint = 'restore the log directory from its last backup; nothing was changed';
  return new CollectorError('INTENT_CORRUPT', `intent ${first} ${what}`, hint);
}
