/**
 * Single bits of bundles that verify, of every claim, on two threads: a third of them, another one
 * every three days; every one with `VITRINE_FLIPS=all`.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { flippedBundles } from './bundles.ts';
import { type Flips, sumOf } from './flips.ts';

const SHARES = 2;
const DAYS = process.env.VITRINE_FLIPS === 'all' ? 1 : 3;
const STEP = SHARES * DAYS;
/** How often a long test has its turn: `LONG_DAYS` of scripts/tasks.mjs. */
const TURN_MS = 3 * 86_400_000;
const FIRST = SHARES * (Math.floor(Date.now() / TURN_MS) % DAYS);
/** All bundles of the golden log and of the rig are smaller: none is left out. */
const BUNDLE_BYTES_MAX = 20_000;

test('no single-bit flip is proven, but for strangers and other true claims', async (t) => {
  const sound = await flippedBundles();
  const threads = Array.from({ length: SHARES }, async (_, share) => {
    const thread = new Worker(new URL('flip-thread.ts', import.meta.url), {
      workerData: { start: FIRST + share, step: STEP },
    });
    const [flips] = (await once(thread, 'message')) as [Flips[]];
    return flips;
  });
  const sum = sumOf((await Promise.all(threads)).flat());
  assert.ok(sound.every(({ bytes }) => bytes.length < BUNDLE_BYTES_MAX));
  const ofAll = 8 * sound.reduce((bits, { bytes }) => bits + bytes.length, 0);
  assert.ok(Math.abs(sum.flips - ofAll / DAYS) <= STEP * sound.length, `${sum.flips} of ${ofAll}`);
  assert.ok(sum.accepted['signature of a stranger'] > 0);
  assert.ok(sum.accepted['another true claim'] > 0);
  const claims = new Set(sound.map(({ bytes }) => claimOf(bytes)));
  assert.deepEqual([...claims].sort(), ['absent', 'event', 'inactive', 'range', 'session']);
  t.diagnostic(`${sound.length} bundles: ${JSON.stringify(sum)}`);
});

function claimOf(bytes: Buffer): string {
  return (JSON.parse(bytes.toString()) as { claim: { type: string } }).claim.type;
}
