import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { ids } from '../conformance/claims.ts';
import { sampleAlerts } from '../conformance/sample-log.ts';
import type { Batch, Outcome } from '../contract.ts';
import { Rig, type RigOptions } from './rig.ts';

const BATCH: Batch = { alertsMax: 8, bytesMax: 100_000, ageMsMax: 0, order: 'whole' };
/** Of the rig's wire. */
const POLL_MS = 1_001;
const TRIES = 3;

const ALERTS = sampleAlerts([{ subject: 'a' }, { subject: 'a' }, { subject: 'b' }]);

let rig: Rig;
afterEach(() => rig.end());

/** A destination that gives out tickets, and confirms what `good` says. */
async function start(good: (ticket: string) => boolean, options: Partial<RigOptions> = {}) {
  let given = 0;
  const asked: string[][] = [];
  rig = await Rig.start({
    alerts: [...ALERTS],
    batch: BATCH,
    batchDestination: () => ({ kind: 'accepted', ticket: `${given++}`, answer: 'HTTP 200' }),
    confirm: (tickets) => {
      asked.push(tickets);
      return new Map(tickets.map((ticket) => [ticket, good(ticket)]));
    },
    ...options,
  });
  await rig.settle();
  return asked;
}

describe('what a destination took', () => {
  it('is settled when it is confirmed, and not before', async () => {
    await start(() => true);
    assert.deepEqual(rig.requests, [ids(ALERTS)]);
    const before = rig.delivery.status();
    assert.deepEqual(
      [before.cursor, before.delivered, before.lag, before.unconfirmed],
      [-1, 0, 3, 3],
    );
    await rig.advance(POLL_MS);
    const after = rig.delivery.status();
    assert.deepEqual(
      [after.cursor, after.delivered, after.lag, after.unconfirmed],
      [ALERTS.at(-1)!.index, 3, 0, 0],
    );
    await rig.advance(1_100);
    const [first] = rig.receipts.flatMap(({ alerts }) => alerts);
    assert.equal(first!.answer, 'HTTP 200, confirmed');
  });

  it('holds its lane, and no other', async () => {
    await start(() => false);
    const more = sampleAlerts([{}, {}, {}, { subject: 'a' }, { subject: 'c' }]).slice(3);
    rig.alerts.push(...more);
    rig.delivery.wake();
    await rig.settle();
    assert.deepEqual(rig.requests, [ids(ALERTS), [more[1]!.id]]);
  });

  it('holds back what is left of its batch, where that is of its session', async () => {
    const alerts = sampleAlerts(['a', 'a', 'a', 'b'].map((subject) => ({ subject })));
    const [first, second, third, fourth] = ids(alerts);
    const said: Outcome[] = [
      { kind: 'split', reason: 'HTTP 413' },
      { kind: 'accepted', ticket: 'first half', answer: 'HTTP 200' },
    ];
    const ok: Outcome = { kind: 'ok', answer: 'HTTP 200' };
    await start(() => true, { alerts, batchDestination: () => said.shift() ?? ok });
    const before = [ids(alerts), [first, second], [fourth]];
    assert.deepEqual(rig.requests, before);
    await rig.advance(POLL_MS);
    assert.deepEqual(rig.requests, [...before, [third]]);
  });

  it('is sent again under its ids when it is never confirmed', async () => {
    const asked = await start((ticket) => ticket === '1');
    for (let i = 0; i < TRIES; i++) await rig.advance(POLL_MS);
    assert.equal(asked.length, TRIES);
    assert.equal(rig.delivery.status().unconfirmed, 0);
    assert.equal(rig.delivery.status().cursor, -1);
    await rig.advance(2_000);
    assert.deepEqual(rig.requests, [ids(ALERTS), ids(ALERTS)]);
    await rig.advance(POLL_MS);
    assert.equal(rig.delivery.status().delivered, 3);
    assert.equal(rig.delivery.status().retries, 3);
  });

  it('is sent again when its ticket is given out twice', async () => {
    let given = 0;
    const batch = { ...BATCH, alertsMax: 1 };
    const tickets = ['same', 'same', 'other', 'more', 'less', 'last'];
    await start(() => true, {
      batch,
      batchDestination: () => ({ kind: 'accepted', ticket: tickets[given++]!, answer: 'HTTP 200' }),
    });
    await rig.advance(600);
    await rig.advance(POLL_MS);
    await rig.advance(POLL_MS);
    await rig.advance(POLL_MS);
    const { delivered, lag } = rig.delivery.status();
    assert.deepEqual({ delivered, lag }, { delivered: 3, lag: 0 });
    // The first two went out at a time, so one of them had a ticket that no longer counts.
    assert.equal(rig.sent.length, 4);
  });

  it('is asked for again when the question fails, and counts as a try', async () => {
    let asked = 0;
    const failed: Outcome = { kind: 'retry', reason: 'HTTP 503' };
    await start(() => true, {
      confirm: (tickets) => {
        return asked++ === 0 ? failed : new Map(tickets.map((ticket) => [ticket, true]));
      },
    });
    await rig.advance(POLL_MS);
    assert.equal(rig.delivery.status().delivered, 0);
    await rig.advance(POLL_MS);
    assert.equal(rig.delivery.status().delivered, 3);
  });

  it('is asked for once more by a stop', async () => {
    await start(() => true);
    await rig.delivery.stop();
    assert.equal(rig.delivery.status().delivered, 3);
    await rig.open();
    await rig.settle();
    assert.equal(rig.requests.length, 1);
  });

  it('is sent again after a crash', async () => {
    await start(() => false);
    const dir = rig.crashCopy();
    const next = await Rig.start({ alerts: ALERTS, dir, batch: BATCH });
    await next.settle();
    assert.deepEqual(next.sent, ids(ALERTS));
    await next.end();
  });
});
