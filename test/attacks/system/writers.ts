/** Two writers on one log: the second one loses, and ends. */
import assert from 'node:assert/strict';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Answer, SystemRow } from '../row.ts';
import { recordedSite, soundStart } from './sites.ts';

const OF_LIST = { source: 'attack list', status: 'runs', on: 'process', where: ['node'] } as const;

/**
 * A second machine with the same key and a store of its own, which runs when the first one starts
 * and seals so many batches. With `shared` its log directory is that of the first. How the second
 * one ended, which was the last to hear of anything.
 */
async function ofTwo(t: TestContext, batches: number, shared: boolean): Promise<Answer> {
  const [first, second] = [await recordedSite(t), await recordedSite(t)];
  if (shared) {
    rmSync(join(second.data, 'log'), { recursive: true });
    symlinkSync(join(first.data, 'log'), join(second.data, 'log'));
  }
  const answer = await second.whileLaunched(async (collector) => {
    await first.start();
    for (let seq = 0; seq < batches; seq++) {
      await first.push({ session: 'first', count: 1, name: `first ${seq}` });
      await first.sealed('first', seq);
    }
    // It may end before it has answered.
    await second.push({ session: 'second', count: 7 }).catch(() => {});
    await (shared ? collector.exited : second.sealed('second', 6));
  });
  await first.stop();
  if (!shared) return answer;
  // What the second one has left there must not become the first one's.
  await first.start();
  const { code, text } = await first.vitrine('fsck');
  assert.equal(code, 0, text);
  return answer;
}

function twoWriters(batches: number): SystemRow['run'] {
  return async (t) => {
    apart ??= ofTwo(t, batches, false);
    return { sound: await apart, attacked: await ofTwo(t, batches, true) };
  };
}

let apart: Promise<Answer> | undefined;

export const WRITER_ROWS: SystemRow[] = [
  {
    ...OF_LIST,
    id: '49',
    text: 'a second collector writes to the same log directory: what it decides is thrown away',
    code: 70,
    says: /^error WRITER_SUPERSEDED: /m,
    run: twoWriters(1),
  },
  {
    ...OF_LIST,
    id: '49-zombie',
    text: 'a second collector wakes up when the decisions that it missed are not kept any more',
    code: 70,
    says: /^error WRITER_SUPERSEDED: /m,
    run: twoWriters(6),
  },
  {
    ...OF_LIST,
    id: '49-lock',
    text: 'a second collector is started on the same data directory',
    code: 1,
    says: /^error DATA_LOCKED: .* is in use by another collector/m,
    async run(t) {
      const site = await recordedSite(t);
      await site.start();
      const attacked = await site.launch();
      return { sound: await soundStart(t), attacked };
    },
  },
];
