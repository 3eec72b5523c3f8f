/** One socket for all that is sent at once: none is left open, and all fail with it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../kit/clock.ts';
import type { Datagrams, Io } from '../kit/contract.ts';
import { syslogConfig } from './config.ts';
import { DatagramChannel } from './datagram.ts';

const ITEM = { id: 'alr_1', bytes: Buffer.from('one') };
const NEVER = new AbortController().signal;

/** `open` stands for the system: sockets that fail at will are not to be had from it. */
function channelOver(open: () => Datagrams): DatagramChannel {
  const io = {
    clock: systemClock,
    failure: (error: Error) => ({ kind: 'retry', reason: error.message }),
    async udp() {
      await sleep(5);
      return open();
    },
  } as unknown as Io;
  return new DatagramChannel(syslogConfig.parse({ host: 'h', transport: 'udp' }), io);
}

describe('sends over UDP that begin at once', () => {
  it('share one socket, which is closed at the end', async () => {
    const opened: { open: boolean }[] = [];
    const channel = channelOver(() => {
      const socket = { open: true };
      opened.push(socket);
      return {
        send: async () => assert.ok(socket.open),
        failure: () => undefined,
        close: () => {
          socket.open = false;
        },
      };
    });
    const outcomes = await Promise.all([1, 2, 3].map(() => channel.send([ITEM], NEVER)));
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['ok', 'ok', 'ok'],
    );
    await channel.close();
    assert.deepEqual(opened, [{ open: false }]);
  });

  it('fail with it, each with the reason, and the next has a new one', async () => {
    let opened = 0;
    let closed = 0;
    const channel = channelOver(() => {
      const fails = ++opened === 1;
      return {
        send: async () => {},
        failure: () => (fails ? new Error('nobody there') : undefined),
        close: () => void closed++,
      };
    });
    const outcomes = await Promise.all([1, 2].map(() => channel.send([ITEM], NEVER)));
    const expected = { kind: 'retry', reason: 'nobody there' };
    assert.deepEqual(outcomes, [expected, expected]);
    assert.equal((await channel.send([ITEM], NEVER)).kind, 'ok');
    await channel.close();
    assert.deepEqual([opened, closed], [2, 2]);
  });

  it('are given up without waiting for a resolver that hangs', async () => {
    const io = { udp: () => new Promise(() => {}) } as unknown as Io;
    const channel = new DatagramChannel(syslogConfig.parse({ host: 'h', transport: 'udp' }), io);
    void channel.send([ITEM], NEVER);
    const closed = channel.close().then(() => 'closed');
    assert.equal(await Promise.race([closed, sleep(1_000, 'waits')]), 'closed');
  });
});
