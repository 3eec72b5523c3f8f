/** One thread's share of every bit of every bundle; answers with one `Flips` for each bundle. */
import { parentPort, workerData } from 'node:worker_threads';
import { flippedBundles } from './bundles.ts';
import { flipBits } from './flips.ts';

const { share, shares } = workerData as { share: number; shares: number };
const sound = await flippedBundles();
parentPort!.postMessage(sound.map((one) => ({ name: one.name, ...flipBits(one, share, shares) })));
