import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import {
  PULL_CALLS_PER_MINUTE_MAX,
  PULL_READS_MAX,
  PULL_READS_WAITING_MAX,
  PULL_SEND_MS_MAX,
  PULL_UNSENT_BYTES_MAX,
} from '@vitrine/schema';
import { Calls, Reads, Unsent } from './calls.ts';

describe('calls of a token', () => {
  it('are counted in a minute, and the last one that is allowed is told so', () => {
    let now = 5_000;
    const calls = new Calls(() => now);
    for (let i = 1; i < PULL_CALLS_PER_MINUTE_MAX; i++) calls.count('a');
    now += 20_000;
    assert.deepEqual(calls.count('a'), {
      'ratelimit-limit': String(PULL_CALLS_PER_MINUTE_MAX),
      'ratelimit-remaining': '0',
      'ratelimit-reset': '40',
    });
    const refused = { code: 'PULL_LIMITED', status: 429, headers: { 'retry-after': '40' } };
    assert.throws(() => calls.count('a'), refused);
    assert.equal(calls.count('b')['ratelimit-remaining'], String(PULL_CALLS_PER_MINUTE_MAX - 1));
    now += 40_000;
    calls.count('a');
  });
});

describe('answers', () => {
  /** One that was asked for by somebody who does not take it. */
  async function untaken(t: TestContext, bytes: number) {
    const server = createServer((_, response) => response.end(Buffer.alloc(bytes)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const asked = once(server, 'request');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => {});
    client.pause().write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    t.after(() => {
      client.destroy();
      server.close();
    });
    const [, response] = (await asked) as [unknown, ServerResponse];
    return { client, response };
  }

  it('that a token does not take are so many bytes, until it goes', async (t) => {
    const unsent = new Unsent();
    const { client, response } = await untaken(t, PULL_UNSENT_BYTES_MAX);
    unsent.hold('a', response, PULL_UNSENT_BYTES_MAX - 1);
    unsent.check('a');
    unsent.hold('a', response, 1);
    assert.throws(() => unsent.check('a'), { code: 'PULL_LIMITED', status: 429 });
    unsent.check('b');
    client.destroy();
    await once(response, 'close');
    unsent.check('a');
    unsent.hold('a', response, PULL_UNSENT_BYTES_MAX);
    unsent.check('a');
  });

  it('are broken off when nobody takes them', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const unsent = new Unsent();
    const { response } = await untaken(t, PULL_UNSENT_BYTES_MAX);
    unsent.hold('a', response, PULL_UNSENT_BYTES_MAX);
    t.mock.timers.tick(PULL_SEND_MS_MAX - 1);
    assert.equal(response.destroyed, false);
    t.mock.timers.tick(1);
    await once(response, 'close');
    unsent.check('a');
  });
});

describe('reads', () => {
  it('are few at a time, in the order in which they came', async () => {
    const reads = new Reads();
    const order: number[] = [];
    let now = 0;
    let most = 0;
    const work = (i: number) => async (): Promise<void> => {
      order.push(i);
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now--;
      if (i === 3) throw new Error('this one fails');
    };
    const all = Array.from({ length: 10 }, (_, i) => reads.take(work(i)));
    const failed = (await Promise.allSettled(all)).map(({ status }) => status === 'rejected');
    assert.deepEqual(failed.indexOf(true), 3);
    assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.equal(most, PULL_READS_MAX);
  });

  it('beyond those that may wait are refused', async () => {
    const reads = new Reads();
    let open = (): void => {};
    const closed = new Promise<void>((resolve) => {
      open = resolve;
    });
    const taken = PULL_READS_MAX + PULL_READS_WAITING_MAX;
    const all = Array.from({ length: taken }, () => reads.take(() => closed));
    await assert.rejects(
      reads.take(() => closed),
      { code: 'PULL_LIMITED' },
    );
    open();
    await Promise.all(all);
    await reads.take(async () => {});
  });
});
