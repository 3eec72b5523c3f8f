import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import {
  DELIVERY_BATCH_DEAD_SHARE_MAX,
  DELIVERY_CONCURRENT_START,
  DELIVERY_REFUSALS_MAX,
  DELIVERY_RETRY_MS_MIN,
} from '@vitrine/schema';
import { ids } from '../conformance/claims.ts';
import { sampleAlerts } from '../conformance/sample-log.ts';
import type { Batch, DeliverableAlert, ItemOutcome, Outcome } from '../contract.ts';
import { alertsOf, OK, Rig, type RigOptions } from './rig.ts';

const WHOLE: Batch = { alertsMax: 8, bytesMax: 100_000, ageMsMax: 0, order: 'whole' };
const ITEM_BYTES = sampleAlerts([{}])[0]!.id.length;

let rig: Rig;
const start = async (options: RigOptions): Promise<Rig> => {
  rig = await Rig.start(options);
  await rig.settle();
  return rig;
};
afterEach(() => rig.end());

describe('a batch', () => {
  it('has so many alerts at most, in order', async () => {
    const alerts = alertsOf(...Array.from({ length: 20 }, () => 'a'));
    await start({ alerts, batch: WHOLE, batchDestination: () => OK });
    assert.deepEqual(rig.requests, [
      ids(alerts.slice(0, 8)),
      ids(alerts.slice(8, 16)),
      ids(alerts.slice(16)),
    ]);
    assert.equal(rig.delivery.status().cursor, alerts.at(-1)!.index);
  });

  it('has so many bytes at most, with what is between', async () => {
    const alerts = alertsOf('a', 'a', 'a', 'a');
    // 2 around, 1 after each.
    const bytesMax = 2 + 3 * (ITEM_BYTES + 1);
    await start({ alerts, batch: { ...WHOLE, bytesMax }, batchDestination: () => OK });
    assert.deepEqual(
      rig.requests.map(({ length }) => length),
      [3, 1],
    );
    await rig.end();
    const batch = { ...WHOLE, bytesMax: bytesMax - 1 };
    await start({ alerts, batch, batchDestination: () => OK });
    assert.deepEqual(
      rig.requests.map(({ length }) => length),
      [2, 2],
    );
  });

  it('waits for company, and no longer than it may', async () => {
    const all = alertsOf('a', 'a', 'b');
    const batch = { ...WHOLE, alertsMax: 3, ageMsMax: 500 };
    await start({ alerts: all.slice(0, 1), batch, batchDestination: () => OK });
    await rig.advance(400);
    assert.deepEqual(rig.requests, []);
    rig.alerts.push(all[1]!);
    rig.delivery.wake();
    await rig.advance(90);
    assert.deepEqual(rig.requests, []);
    await rig.advance(20);
    assert.deepEqual(rig.requests, [ids(all.slice(0, 2))]);
  });

  it('that is full waits for nothing', async () => {
    const alerts = alertsOf('a', 'b', 'c');
    const batch = { ...WHOLE, alertsMax: 3, ageMsMax: 500 };
    await start({ alerts, batch, batchDestination: () => OK });
    assert.deepEqual(rig.requests, [ids(alerts)]);
  });

  it('has one alert of a session where alerts fail alone', async () => {
    const alerts = alertsOf('a', 'a', 'b', 'b', 'c');
    const batch: Batch = { ...WHOLE, order: 'each' };
    await start({ alerts, batch, batchDestination: () => OK });
    const [a1, a2, b1, b2, c1] = ids(alerts);
    assert.deepEqual(rig.requests, [
      [a1, b1, c1],
      [a2, b2],
    ]);
  });

  it('that cannot be encoded in part loses that part alone', async () => {
    const alerts = alertsOf('a', 'bad', 'b');
    const encode = (alert: DeliverableAlert): Uint8Array => {
      if (alert.id === alerts[1]!.id) throw new TypeError('no such member');
      return Buffer.from(alert.id);
    };
    await start({ alerts, batch: WHOLE, batchDestination: () => OK, encode });
    assert.deepEqual(rig.sent.toSorted(), ids([alerts[0]!, alerts[2]!]));
    const [letter] = rig.delivery.deadLetters();
    assert.deepEqual(
      [letter!.id, letter!.reason],
      [alerts[1]!.id, 'cannot be encoded: no such member'],
    );
  });

  it('that fails is smaller the next time, until what is at fault is alone', async () => {
    const alerts = alertsOf('a', 'b', 'c', 'd');
    const batchDestination = (sent: DeliverableAlert[]): Outcome => {
      return ids(sent).includes(alerts[2]!.id) ? { kind: 'retry', reason: 'HTTP 500' } : OK;
    };
    await start({ alerts, batch: WHOLE, batchDestination });
    for (let i = 0; i < 8; i++) await rig.advance(4 * DELIVERY_RETRY_MS_MIN);
    assert.equal(rig.delivery.status().delivered, 3);
    assert.deepEqual(rig.requests.at(-1), [alerts[2]!.id]);
  });
});

describe('a batch that is refused', () => {
  const poisoned = (count: number, bad: number[], at?: (sent: string[]) => number | undefined) => {
    const alerts = alertsOf(...Array.from({ length: count }, (_, i) => `s${i % 5}`));
    const refused = new Set(bad.map((i) => alerts[i]!.id));
    const batchDestination = (sent: DeliverableAlert[]): Outcome => {
      if (!ids(sent).some((id) => refused.has(id))) return OK;
      const named = at?.(ids(sent));
      const reason = 'HTTP 400';
      return named === undefined ? { kind: 'split', reason } : { kind: 'split', reason, at: named };
    };
    const batch = { ...WHOLE, alertsMax: count };
    return { alerts, batch, batchDestination, refused };
  };

  it('is halved down to the one alert, in at most two requests for each halving', async () => {
    for (const bad of [0, 31, 63]) {
      const options = poisoned(64, [bad]);
      await start(options);
      const { delivered, dead, lag, state } = rig.delivery.status();
      assert.deepEqual(
        { delivered, dead, lag, state },
        { delivered: 63, dead: 1, lag: 0, state: 'running' },
      );
      assert.equal(rig.delivery.deadLetters()[0]!.id, options.alerts[bad]!.id);
      assert.equal(rig.requests.length, 1 + 2 * Math.log2(64));
      if (bad < 63) await rig.end();
    }
  });

  it('is parted at the alert that the destination names', async () => {
    let named = '';
    const options = poisoned(64, [40], (sent) => sent.indexOf(named));
    named = options.alerts[40]!.id;
    await start(options);
    const place = rig.requests[0]!.indexOf(named);
    assert.deepEqual(
      rig.requests.map(({ length }) => length),
      [64, place, 1, 63 - place],
    );
  });

  it('is halved all the same when the destination names what is not there', async () => {
    for (const wrong of [-1, 64, 1.5, Number.NaN]) {
      await start(poisoned(64, [40], () => wrong));
      assert.equal(rig.delivery.status().dead, 1);
      if (!Number.isNaN(wrong)) await rig.end();
    }
  });

  it('keeps the order within each session, first arrivals', async () => {
    const { refused, ...options } = poisoned(64, [3, 17]);
    const arrived: string[] = [];
    const batchDestination = (sent: DeliverableAlert[]): Outcome => {
      const outcome = options.batchDestination(sent);
      if (outcome.kind === 'ok') arrived.push(...ids(sent));
      return outcome;
    };
    await start({ ...options, batchDestination });
    for (const session of ['s0', 's1', 's2', 's3', 's4']) {
      const own = ids(options.alerts.filter(({ record }) => record.subject === session));
      const taken = own.filter((id) => !refused.has(id));
      assert.deepEqual(
        arrived.filter((id) => own.includes(id)),
        taken,
      );
    }
  });

  it('pauses when too much of it is dead, and not before', async () => {
    const share = DELIVERY_BATCH_DEAD_SHARE_MAX;
    // Never so many in a row that the row alone would pause.
    const bad = Array.from({ length: 30 }, (_, i) => 2 * i);
    const count = 60;
    await start(poisoned(count, bad));
    const { dead, state, pausedReason, lag } = rig.delivery.status();
    assert.equal(state, 'paused');
    assert.equal(dead, share * count + 1);
    assert.match(String(pausedReason), /^13 of the 60 alerts of one batch were refused/);
    assert.ok(lag > 0);
    await rig.end();
    await start(poisoned(count, bad.slice(0, share * count)));
    assert.equal(rig.delivery.status().state, 'running');
    assert.equal(rig.delivery.status().dead, share * count);
  });

  it('of few alerts does not pause for one bad one', async () => {
    await start(poisoned(2, [0]));
    assert.ok(DELIVERY_REFUSALS_MAX > 1);
    assert.equal(rig.delivery.status().state, 'running');
  });

  it('is not sent on in parts when one of them must wait', async () => {
    const alerts = alertsOf('a', 'a', 'a', 'a');
    const said: Outcome[] = [
      { kind: 'split', reason: 'HTTP 413' },
      { kind: 'retry', reason: 'HTTP 500' },
    ];
    await start({ alerts, batch: WHOLE, batchDestination: () => said.shift() ?? OK });
    assert.deepEqual(rig.requests, [ids(alerts), ids(alerts.slice(0, 2))]);
    for (let i = 0; i < 4; i++) await rig.advance(4 * DELIVERY_RETRY_MS_MIN);
    assert.deepEqual(rig.requests.slice(2).flat(), ids(alerts));
  });
});

describe('a batch that is taken in part', () => {
  it('sends again what may pass, sets aside what may not', async () => {
    const alerts = alertsOf('a', 'b', 'c');
    const first: ItemOutcome[] = [
      { kind: 'ok' },
      { kind: 'retry', reason: '429' },
      { kind: 'dead', reason: '400' },
    ];
    let request = 0;
    const batchDestination = (): Outcome => {
      return request++ === 0 ? { kind: 'partial', answer: 'HTTP 200', items: first } : OK;
    };
    await start({ alerts, batch: { ...WHOLE, order: 'each' }, batchDestination });
    assert.equal(rig.delivery.status().dead, 1);
    await rig.advance(2 * DELIVERY_RETRY_MS_MIN);
    assert.deepEqual(rig.requests, [ids(alerts), [alerts[1]!.id]]);
    assert.equal(rig.delivery.status().lag, 0);
  });

  it('sends again what the answer does not name', async () => {
    const alerts = alertsOf('a', 'b');
    let request = 0;
    const batchDestination = (): Outcome => {
      const items: ItemOutcome[] = [{ kind: 'ok' }];
      return request++ === 0 ? { kind: 'partial', answer: 'HTTP 200', items } : OK;
    };
    await start({ alerts, batch: WHOLE, batchDestination });
    await rig.advance(2 * DELIVERY_RETRY_MS_MIN);
    assert.deepEqual(rig.requests, [ids(alerts), [alerts[1]!.id]]);
  });
});

describe('concurrency', () => {
  it('is halved once for what failed together', async () => {
    const subjects = Array.from({ length: 40 }, (_, i) => `s${i}`);
    let fail = true;
    let now = 0;
    const underWay: number[] = [];
    const destination = async (): Promise<Outcome> => {
      underWay.push(++now);
      const outcome: Outcome = fail ? { kind: 'retry', reason: '429', afterMs: 1_000 } : OK;
      await new Promise((done) => setImmediate(done));
      now--;
      return outcome;
    };
    await start({ alerts: alertsOf(...subjects), destination });
    const before = underWay.length;
    assert.equal(Math.max(...underWay), DELIVERY_CONCURRENT_START);
    fail = false;
    await rig.advance(1_100);
    assert.ok(Math.max(...underWay.slice(before, before + 4)) <= DELIVERY_CONCURRENT_START / 2);
    await rig.advance(1_100);
    assert.equal(rig.delivery.status().delivered, 40);
  });
});

describe('a rate', () => {
  it('lets so many alerts a second go and no more', async () => {
    const subjects = Array.from({ length: 50 }, (_, i) => `s${i}`);
    await start({ alerts: alertsOf(...subjects), rate: 10 });
    assert.equal(rig.sent.length, 10);
    for (let i = 0; i < 20; i++) await rig.advance(100);
    assert.ok(rig.sent.length >= 28 && rig.sent.length <= 30, String(rig.sent.length));
  });
});
