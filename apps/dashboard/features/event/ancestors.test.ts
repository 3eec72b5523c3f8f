/** Walking up from a process by what its session recorded. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EventItem } from '@vitrine/schema/api';
import { PROCESS_ANCESTORS_MAX } from '@vitrine/schema/record';
import { ancestryOf, type FindExec } from './ancestors.ts';

const item = (index: number, pid?: number, ppid?: number): EventItem =>
  ({
    index,
    record: { process: { ...(pid && { pid }), ...(ppid && { ppid }) } },
  }) as unknown as EventItem;

/** The execs of a session, looked up as the API does. */
const among =
  (execs: EventItem[]): FindExec =>
  async (pid, before) =>
    execs
      .filter(
        ({ index, record }) => index < before && (record.process as { pid: number }).pid === pid,
      )
      .at(-1);

const shape = async (event: EventItem, execs: EventItem[]) => {
  const found = await ancestryOf(event, among(execs));
  return found && [found.chain.map(({ pid, exec }) => `${pid}@${exec?.index ?? '-'}`), found.end];
};

describe('the processes above an event', () => {
  it('are followed to the one that nobody saw start', async () => {
    const execs = [item(1, 10, 5), item(3, 20, 10), item(6, 30, 20)];
    assert.deepEqual(await shape(item(9, 30, 20), execs), [
      ['30@6', '20@3', '10@1', '5@-'],
      'the parent was not seen to start',
    ]);
  });

  it('go on from a fork that never executed anything', async () => {
    assert.deepEqual(await shape(item(9, 31, 20), [item(3, 20)]), [
      ['31@-', '20@3'],
      'no parent is named',
    ]);
  });

  it('take the last use of a number before the event, not a later one', async () => {
    const execs = [item(1, 30, 7), item(5, 30, 8), item(12, 30, 9)];
    const found = await shape(item(10, 30), execs);
    assert.deepEqual(found?.[0], ['30@5', '8@-']);
  });

  it('end at a circle, and after so many', async () => {
    assert.deepEqual((await shape(item(9, 2, 1), [item(1, 1, 2), item(2, 2, 1)]))?.[1], 'a circle');
    const deep = Array.from({ length: 40 }, (_, i) => item(i, i + 1, i));
    const found = await shape(item(99, 40, 39), deep);
    assert.deepEqual([found?.[0]?.length, found?.[1]], [PROCESS_ANCESTORS_MAX, 'too deep']);
  });

  it('are none for an event without a process', async () => {
    assert.equal(await ancestryOf(item(1), among([])), undefined);
    const odd = { index: 1, record: { process: { pid: 'x' } } } as unknown as EventItem;
    assert.equal(await ancestryOf(odd, among([])), undefined);
  });
});
