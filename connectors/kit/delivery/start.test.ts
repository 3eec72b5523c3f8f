import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { DELIVERY_STOP_MS_MAX } from '@vitrine/schema';
import { sampleAlerts } from '../conformance/sample-log.ts';
import type { Outcome } from '../contract.ts';
import { OK, Rig, type RigOptions } from './rig.ts';

const ALERTS = sampleAlerts([{ subject: 'a' }, { subject: 'b' }, { subject: 'a' }]);
const IDS = ALERTS.map(({ id }) => id);

let rig: Rig;
const start = async (options: Partial<RigOptions> = {}): Promise<Rig> => {
  rig = await Rig.start({ alerts: [...ALERTS], ...options });
  await rig.settle();
  return rig;
};
afterEach(() => rig.end());

const position = () => JSON.parse(readFileSync(join(rig.dir, 'position.json'), 'utf8'));

describe('a first start', () => {
  it('begins now, and later starts do not move that', async () => {
    await start({ start: 'now', alerts: ALERTS.slice(0, 1) });
    assert.deepEqual(rig.sent, []);
    assert.equal(position().cursor, ALERTS[0]!.index);
    await rig.delivery.stop();
    rig.alerts.push(...ALERTS.slice(1));
    await rig.open();
    await rig.settle();
    assert.deepEqual(rig.sent, IDS.slice(1));
  });

  it('begins at the beginning when it is told to', async () => {
    await start({ start: 'beginning' });
    assert.deepEqual(rig.sent.toSorted(), IDS);
  });
});

describe('a later start', () => {
  it('refuses a position that it did not write, and says where', async () => {
    await start();
    await rig.delivery.stop();
    const path = join(rig.dir, 'position.json');
    for (const text of ['', '{', '{"v":2}', '{"v":1}']) {
      writeFileSync(path, text);
      await assert.rejects(rig.open(), (error: Error & { code: string }) => {
        assert.equal(error.code, 'DELIVERY_STATE_CORRUPT');
        assert.ok(error.message.includes(path));
        return true;
      });
    }
  });

  it('does not skip alerts of a log that took the place of the old one', async () => {
    for (const change of ['origin', 'shorter']) {
      await start();
      await rig.delivery.stop();
      rig.sent.length = 0;
      if (change === 'origin') rig.origin = 'vitrine.local/other/default.0.1';
      else rig.alerts.splice(1);
      await rig.open();
      await rig.settle();
      assert.deepEqual(
        rig.sent.toSorted(),
        rig.alerts.map(({ id }) => id),
      );
      assert.match(rig.lines.join(), /its position is of another log/);
      if (change === 'origin') await rig.end();
    }
  });

  it('stays paused by a person when the log is replaced', async () => {
    await start();
    await rig.delivery.pause('moving the SIEM');
    await rig.delivery.stop();
    rig.sent.length = 0;
    rig.origin = 'vitrine.local/other/default.0.1';
    await rig.open();
    await rig.settle();
    assert.deepEqual([rig.sent, rig.delivery.status().pausedReason], [[], 'moving the SIEM']);
  });

  it('ignores what a crash left of a write', async () => {
    await start();
    await rig.delivery.stop();
    writeFileSync(join(rig.dir, 'position.json.tmp'), '{"half');
    await rig.open();
    assert.equal(rig.delivery.status().cursor, ALERTS[2]!.index);
  });

  it('fails where the directory cannot be made', async () => {
    await start();
    const dir = join(rig.dir, 'position.json', 'below');
    await assert.rejects(Rig.start({ alerts: [], dir }), { code: 'ENOTDIR' });
  });
});

describe('a stop', () => {
  it('waits for the answer to what was sent, and sends nothing more', async () => {
    let answer: (outcome: Outcome) => void = () => {};
    await start({
      alerts: sampleAlerts([{ subject: 'a' }, { subject: 'a' }]),
      destination: () => new Promise((done) => (answer = done)),
    });
    const stopped = rig.delivery.stop();
    assert.equal(rig.delivery.status().state, 'stopped');
    await rig.settle();
    answer(OK);
    await stopped;
    assert.equal(rig.sent.length, 1);
    assert.equal(position().cursor, 1);
    assert.equal(rig.receipts.flatMap(({ alerts }) => alerts).length, 1);
    assert.equal(rig.clock.timers, 0);
  });

  it('gives up what is not answered in time, and keeps it for the next start', async () => {
    const destination = (_: unknown, __: number, signal: AbortSignal): Promise<Outcome> =>
      new Promise((done) => {
        signal.addEventListener('abort', () => done({ kind: 'retry', reason: 'aborted' }));
      });
    await start({ alerts: ALERTS.slice(0, 1), destination });
    const stopped = rig.delivery.stop();
    await rig.advance(DELIVERY_STOP_MS_MAX);
    await stopped;
    const { failed, lastError } = rig.delivery.status();
    assert.deepEqual({ failed, lastError }, { failed: 0, lastError: null });
    assert.equal(rig.clock.timers, 0);
    rig.destination = () => OK;
    await rig.open();
    await rig.settle();
    assert.deepEqual(rig.sent, [IDS[0], IDS[0]]);
  });

  it('does not wait for ever for a log that takes no receipt', async () => {
    await start({ alerts: ALERTS.slice(0, 1) });
    rig.receiptError = new Error('queue full');
    await rig.delivery.stop();
    assert.equal(position().receipts.length, 1);
    rig.receiptError = undefined;
    await rig.open();
    await rig.advance(1_100);
    assert.deepEqual(
      rig.receipts.flatMap(({ alerts }) => alerts.map(({ id }) => id)),
      IDS.slice(0, 1),
    );
  });

  it('may be asked for twice', async () => {
    await start();
    await Promise.all([rig.delivery.stop(), rig.delivery.stop()]);
    rig.delivery.wake();
    await rig.settle();
    assert.ok(existsSync(rig.dir));
  });
});

describe('trouble on the own side', () => {
  it('with the source is shown and passes', async () => {
    await start({ alerts: [] });
    rig.alerts.push(...ALERTS);
    const { filter } = rig.alerts;
    rig.alerts.filter = () => {
      throw new Error('store is down');
    };
    await rig.advance(5_000);
    assert.equal(rig.delivery.status().lastError, 'cannot read alerts: store is down');
    assert.equal(rig.lines.filter((line) => line.includes('store is down')).length, 1);
    rig.alerts.filter = filter;
    await rig.advance(1_100);
    assert.equal(rig.delivery.status().delivered, 3);
  });

  it('with the disk does not stop delivery, and is shown', async () => {
    await start({ alerts: [] });
    rmSync(rig.dir, { recursive: true });
    rig.alerts.push(...ALERTS);
    await rig.advance(1_100);
    const { delivered, lastError } = rig.delivery.status();
    assert.equal(delivered, 3);
    assert.match(String(lastError), /^cannot keep the position: ENOENT/);
    await rig.delivery.stop();
    await rig.open();
  });
});
