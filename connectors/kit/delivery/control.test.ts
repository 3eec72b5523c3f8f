import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { DELIVERY_PAUSE_MS } from '@vitrine/schema';
import { sampleAlerts } from '../conformance/sample-log.ts';
import { OK, Rig, type RigOptions } from './rig.ts';

let rig: Rig;
const start = async (options: Partial<RigOptions> = {}): Promise<void> => {
  rig = await Rig.start({ alerts: sampleAlerts([{}, {}, {}]), ...options });
  await rig.settle();
};
afterEach(() => rig.end());

describe('a pause by a person', () => {
  it('holds until a person resumes, whatever the time and the secrets', async () => {
    await start({ destination: () => ({ kind: 'retry', reason: 'HTTP 500' }) });
    await rig.delivery.pause('moving the SIEM');
    rig.destination = () => OK;
    rig.secretsChanged = true;
    const before = rig.sent.length;
    for (let i = 0; i < 3; i++) await rig.advance(DELIVERY_PAUSE_MS);
    assert.equal(rig.sent.length, before);
    const { state, pausedBy, pausedReason, lag } = rig.delivery.status();
    assert.deepEqual(
      { state, pausedBy, pausedReason, lag },
      { state: 'paused', pausedBy: 'person', pausedReason: 'moving the SIEM', lag: 3 },
    );
    await rig.delivery.resume();
    await rig.advance(DELIVERY_PAUSE_MS);
    assert.equal(rig.delivery.status().delivered, 3);
  });

  it('writes one line of the log, whatever its reason holds', async () => {
    await start();
    await rig.delivery.pause('one\nconnector soc: goes on');
    assert.equal(rig.delivery.status().pausedReason, 'one connector soc: goes on');
    assert.ok(!rig.lines.join('').includes('\n'));
  });

  it('outlasts a restart, and a resume does too', async () => {
    await start();
    await rig.delivery.pause('moving the SIEM');
    await rig.delivery.stop();
    rig.alerts.push(...sampleAlerts([{}, {}, {}, {}]).slice(3));
    rig.sent.length = 0;
    await rig.open();
    await rig.settle();
    assert.equal(rig.delivery.status().pausedReason, 'moving the SIEM');
    assert.deepEqual(rig.sent, []);
    await rig.delivery.resume();
    await rig.delivery.stop();
    await rig.open();
    await rig.settle();
    assert.equal(rig.delivery.status().pausedBy, null);
    assert.equal(rig.delivery.status().lag, 0);
  });

  it('stays when what the answers paused ends, and a resume ends both', async () => {
    await start({ destination: () => ({ kind: 'pause', reason: 'HTTP 401' }) });
    assert.equal(rig.delivery.status().pausedBy, 'answers');
    await rig.delivery.pause('later');
    await rig.advance(DELIVERY_PAUSE_MS + 10);
    assert.equal(rig.delivery.status().pausedBy, 'person');
    rig.destination = () => OK;
    await rig.delivery.resume();
    await rig.settle();
    assert.equal(rig.delivery.status().delivered, 3);
  });
});

describe('dead letters that a person drops', () => {
  it('are gone for good, and those that are none are named', async () => {
    await start({ destination: () => ({ kind: 'dead', reason: 'HTTP 400' }) });
    const [first, second] = rig.delivery.deadLetters();
    const answer = await rig.delivery.drop([first!.id, 'alr_none'], 'known to be a test');
    assert.deepEqual(answer, { dropped: 1, missing: ['alr_none'] });
    assert.match(rig.lines.join('\n'), /1 dead letters dropped: known to be a test/);
    await rig.delivery.stop();
    await rig.open();
    assert.equal(rig.delivery.deadLetters()[0]!.id, second!.id);
    assert.deepEqual(await rig.delivery.drop('all', 'all of it'), { dropped: 2, missing: [] });
    assert.equal(rig.delivery.status().dead, 0);
  });
});
