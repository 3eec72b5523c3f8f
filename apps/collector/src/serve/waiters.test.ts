import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PULL_WAITERS_MAX } from '@vitrine/schema';
import { PULL_STREAMS, type PullStream } from '@vitrine/schema/api';
import type { RecordRow } from '@vitrine/store';
import { Tail } from '../api/tail.ts';
import { Waiters } from './waiters.ts';

const MINUTE_MS = 60_000;
const row = (chain: string): RecordRow => {
  const [session, shim] = chain.split('/');
  return { session, shim } as RecordRow;
};

describe('those who wait', () => {
  it('are woken by what is of their stream, and by nothing else', async () => {
    const tail = new Tail();
    const waiters = new Waiters(tail, 0);
    const gone = new AbortController();
    const woken: PullStream[] = [];
    const all = PULL_STREAMS.map(async (stream) => {
      await waiters.wait(stream, MINUTE_MS, gone.signal);
      woken.push(stream);
    });
    const after: [string, PullStream[]][] = [
      ['log/admit', []],
      ['log/receipt', []],
      ['log/alert', ['alerts']],
      ['log/seal', ['checkpoints']],
      ['s1/in', ['events']],
      ['log/audit', ['access']],
    ];
    const expected: PullStream[] = [];
    for (const [chain, streams] of after) {
      tail.publish([row(chain)]);
      await nextTurn();
      expected.push(...streams);
      assert.deepEqual(woken, expected, chain);
    }
    await Promise.all(all);
    assert.equal(tail.size, 0, 'no client of the tail');
  });

  it('need not ask where their stream has nothing more', () => {
    const tail = new Tail();
    const waiters = new Waiters(tail, 5);
    const has = (leaf: number) => PULL_STREAMS.filter((stream) => waiters.mayHave(stream, leaf));
    assert.deepEqual([has(4), has(5)], [[...PULL_STREAMS], []]);
    const rows = ['log/admit', 's1/in', 's1/in', 'log/alert', 'log/seal'].map(row);
    for (const [i, one] of rows.entries()) one.idx = 5 + i;
    tail.publish(rows);
    assert.deepEqual(has(5), ['events', 'alerts', 'checkpoints']);
    assert.deepEqual(
      [has(7), has(8), has(9)],
      [['events', 'alerts', 'checkpoints'], ['alerts', 'checkpoints'], ['checkpoints']],
    );
    assert.deepEqual(has(10), []);
  });

  it('go on when their time is over, their client is gone, or the collector ends', async () => {
    const tail = new Tail();
    const waiters = new Waiters(tail, 0);
    await waiters.wait('events', 1, new AbortController().signal);
    const gone = new AbortController();
    const left = waiters.wait('events', MINUTE_MS, gone.signal);
    gone.abort();
    await left;
    await waiters.wait('events', MINUTE_MS, gone.signal);
    const last = waiters.wait('alerts', MINUTE_MS, new AbortController().signal);
    tail.close();
    await last;
  });

  it('are so many at most', async () => {
    const tail = new Tail();
    const waiters = new Waiters(tail, 0);
    const gone = new AbortController();
    const all = Array.from({ length: PULL_WAITERS_MAX }, () =>
      waiters.wait('events', MINUTE_MS, gone.signal),
    );
    const refused = { code: 'PULL_LIMITED', status: 429, headers: { 'retry-after': '5' } };
    await assert.rejects(waiters.wait('events', MINUTE_MS, gone.signal), refused);
    assert.throws(() => waiters.check(), refused);
    gone.abort();
    await Promise.all(all);
    waiters.check();
  });
});
