/** One thread's share of the bits of every bundle; answers with one `Flips` for each bundle. */
import { parentPort, workerData } from 'node:worker_threads';
import { flippedBundles } from './bundles.ts';
import { flipBits } from './flips.ts';

const { start, step } = workerData as { start: number; step: number };
const sound = await flippedBundles();
parentPort!.postMessage(sound.map((one) => ({ name: one.name, ...flipBits(one, start, step) })));
