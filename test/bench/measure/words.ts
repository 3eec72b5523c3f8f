/** Takes the words of a stopped collector's records at once, which it would take its time for. */
import { join } from 'node:path';
import { WORD_BLOCK_LEAVES } from '@vitrine/schema';
import { openStore } from '@vitrine/store';
import { openIdentity } from '../../../apps/collector/src/sequence/identity.ts';

const STEP_LEAVES = 4 * WORD_BLOCK_LEAVES;

/** Milliseconds for a million records. */
export async function takeAllWords(dataDir: string): Promise<number> {
  const { log } = openIdentity(dataDir, 'bench', 'default');
  const store = await openStore({ mode: 'embedded', dir: join(dataDir, 'store') }, () => {});
  try {
    const size = (await store.lastCheckpoint(log))?.size ?? 0;
    const whole = size - (size % WORD_BLOCK_LEAVES);
    const known = await store.wordsKnown(log);
    const started = performance.now();
    for (let first = known; first < whole; first += STEP_LEAVES) {
      await store.takeWords(log, first, Math.min(whole, first + STEP_LEAVES));
    }
    const taken = Math.max(1, whole - known);
    return ((performance.now() - started) / taken) * 1_000_000;
  } finally {
    await store.close();
  }
}
