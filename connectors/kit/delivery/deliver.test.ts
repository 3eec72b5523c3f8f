import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import {
  DELIVERY_BREAKER_FAILURES,
  DELIVERY_CONCURRENT_MAX,
  DELIVERY_CONCURRENT_START,
  DELIVERY_PASSED_ALERTS_MIN,
  DELIVERY_PAUSE_MS,
  DELIVERY_REFUSALS_MAX,
  DELIVERY_RETRY_MS_MIN,
  DELIVERY_WINDOW_ALERTS_MAX,
} from '@vitrine/schema';
import { ids } from '../conformance/claims.ts';
import type { DeliverableAlert, Outcome } from '../contract.ts';
import { alertsOf, OK, Rig, type RigOptions } from './rig.ts';

const FAILED: Outcome = { kind: 'retry', reason: 'HTTP 500' };
const REFUSED: Outcome = { kind: 'dead', reason: 'HTTP 400' };
const PAUSED: Outcome = { kind: 'pause', reason: 'HTTP 401' };

let rig: Rig;
const start = async (options: RigOptions): Promise<Rig> => {
  rig = await Rig.start(options);
  await rig.settle();
  return rig;
};
afterEach(() => rig.end());

describe('delivery', () => {
  it('sends everything once, in order within a session', async () => {
    await start({ alerts: alertsOf('a', 'b', 'a', 'c', 'a', 'b') });
    assert.deepEqual(rig.sent.toSorted(), ids(rig.alerts).toSorted());
    const ofA = ids(rig.alerts.filter(({ record }) => record.subject === 'a'));
    assert.deepEqual(
      rig.sent.filter((id) => ofA.includes(id)),
      ofA,
    );
    const { state, cursor, lag, delivered, failed, dead, lastError } = rig.delivery.status();
    assert.deepEqual(
      { state, cursor, lag, delivered, failed, dead, lastError },
      {
        state: 'running',
        cursor: rig.alerts.at(-1)!.index,
        lag: 0,
        delivered: 6,
        failed: 0,
        dead: 0,
        lastError: null,
      },
    );
  });

  it('has few requests under way at first, and more while they succeed', async () => {
    const underWay: number[] = [];
    let now = 0;
    const destination = async (): Promise<Outcome> => {
      underWay.push(++now);
      await new Promise((done) => setImmediate(done));
      now--;
      return OK;
    };
    const subjects = Array.from({ length: 1_000 }, (_, i) => `s${i}`);
    await start({ alerts: alertsOf(...subjects), destination });
    assert.equal(
      Math.max(...underWay.slice(0, DELIVERY_CONCURRENT_START)),
      DELIVERY_CONCURRENT_START,
    );
    assert.equal(Math.max(...underWay), DELIVERY_CONCURRENT_MAX);
    assert.equal(rig.delivery.status().delivered, 1_000);
  });

  it('sends what a wake-up announces at once, and what none did at the next poll', async () => {
    const all = alertsOf('a', 'b', 'c');
    await start({ alerts: all.slice(0, 1) });
    rig.alerts.push(all[1]!);
    rig.delivery.wake();
    await rig.settle();
    assert.deepEqual(rig.sent, ids(all.slice(0, 2)));
    rig.alerts.push(all[2]!);
    await rig.settle();
    assert.equal(rig.sent.length, 2);
    await rig.advance(1_100);
    assert.deepEqual(rig.sent, ids(all));
  });

  it('does not read the source again for every alert it sends', async () => {
    await start({ alerts: alertsOf('a', 'a', 'a', 'a', 'a', 'a') });
    assert.ok(rig.reads <= 2, `${rig.reads} reads`);
  });

  it('blocks only the session whose alert fails, and keeps the cursor before it', async () => {
    const alerts = alertsOf('bad', 'bad', 'good', 'good', 'good');
    const destination = (alert: DeliverableAlert): Outcome =>
      alert.id === alerts[0]!.id ? FAILED : OK;
    await start({ alerts, destination });
    assert.deepEqual(rig.sent, ids([alerts[0]!, ...alerts.slice(2)]));
    const { cursor, lag, lastError } = rig.delivery.status();
    assert.deepEqual({ cursor, lag, lastError }, { cursor: -1, lag: 2, lastError: 'HTTP 500' });
    rig.destination = () => OK;
    await rig.advance(DELIVERY_RETRY_MS_MIN + 1);
    assert.deepEqual(rig.sent.slice(4), ids(alerts.slice(0, 2)));
    assert.equal(rig.delivery.status().cursor, alerts[4]!.index);
  });

  it('does not send again after a restart what was settled ahead of the cursor', async () => {
    const alerts = alertsOf('bad', 'good', 'good');
    await start({ alerts, destination: (a) => (a.id === alerts[0]!.id ? FAILED : OK) });
    await rig.delivery.stop();
    rig.sent.length = 0;
    await rig.open();
    await rig.settle();
    assert.deepEqual(rig.sent, [alerts[0]!.id]);
  });

  it('doubles its waits up to the bound', async () => {
    await start({
      alerts: alertsOf('a'),
      destination: () => FAILED,
      timing: { retryMsMax: 1_500 },
    });
    const waits: number[] = [];
    for (let i = 0, since = 0; i < 4; ) {
      const before = rig.sent.length;
      await rig.advance(100);
      since += 100;
      if (rig.sent.length === before) continue;
      waits.push(since);
      since = 0;
      i++;
    }
    // Each a little more than 500, 1,000 and 1,500: the clock moves in steps of 100.
    assert.deepEqual(waits, [600, 1_100, 1_600, 1_600]);
  });

  it('lets the whole destination rest when it asks for it', async () => {
    const alerts = alertsOf('a', 'b');
    const busy: Outcome = { kind: 'retry', reason: 'HTTP 429', afterMs: 20_000 };
    await start({ alerts: alerts.slice(0, 1), destination: (_, n) => (n === 1 ? busy : OK) });
    rig.alerts.push(alerts[1]!);
    rig.delivery.wake();
    await rig.advance(19_900);
    assert.deepEqual(rig.sent, [alerts[0]!.id]);
    await rig.advance(200);
    assert.deepEqual(rig.sent.toSorted(), ids([alerts[0]!, ...alerts]).toSorted());
  });
});

describe('a destination that does not answer', () => {
  it('gets one probe at a time after so many failures', async () => {
    const alerts = alertsOf('a', 'b', 'c', 'd', 'e', 'f', 'g');
    await start({ alerts, destination: () => FAILED });
    assert.equal(rig.delivery.status().state, 'retrying');
    const before = rig.sent.length;
    assert.ok(before >= DELIVERY_BREAKER_FAILURES);
    await rig.advance(DELIVERY_RETRY_MS_MIN * 2 ** DELIVERY_BREAKER_FAILURES + 10);
    assert.equal(rig.sent.length, before + 1);
    rig.destination = () => OK;
    await rig.advance(300_000);
    const { state, delivered, lag } = rig.delivery.status();
    assert.deepEqual({ state, delivered, lag }, { state: 'running', delivered: 7, lag: 0 });
  });

  it('is not assumed because of one alert alone', async () => {
    const alerts = alertsOf('bad', 'good');
    const destination = (alert: DeliverableAlert): Outcome =>
      alert.id === alerts[0]!.id ? FAILED : OK;
    await start({ alerts: alerts.slice(0, 1), destination });
    for (let i = 0; i < 4 * DELIVERY_BREAKER_FAILURES; i++) await rig.advance(60_000);
    assert.ok(rig.sent.length > DELIVERY_BREAKER_FAILURES);
    const { breaker, state } = rig.delivery.status();
    assert.deepEqual([breaker, state], ['closed', 'retrying']);
    rig.alerts.push(alerts[1]!);
    rig.delivery.wake();
    await rig.settle();
    assert.equal(rig.delivery.status().delivered, 1);
  });
});

describe('a paused delivery', () => {
  it('sends nothing until it is time, then one probe, then everything', async () => {
    await start({ alerts: alertsOf('a', 'a', 'b', 'b'), destination: () => PAUSED });
    const first = rig.sent.length;
    assert.equal(rig.delivery.status().state, 'paused');
    assert.match(rig.lines.join(), /connector soc: paused: HTTP 401/);
    await rig.advance(DELIVERY_PAUSE_MS - 10);
    assert.equal(rig.sent.length, first);
    await rig.advance(20);
    assert.equal(rig.sent.length, first + 1);
    rig.destination = () => OK;
    await rig.advance(DELIVERY_PAUSE_MS + 10);
    const { state, delivered, dead } = rig.delivery.status();
    assert.deepEqual({ state, delivered, dead }, { state: 'running', delivered: 4, dead: 0 });
  });

  it('goes on when a secret changes', async () => {
    await start({ alerts: alertsOf('a'), destination: () => PAUSED });
    rig.destination = () => OK;
    rig.secretsChanged = true;
    await rig.advance(1_100);
    assert.equal(rig.delivery.status().delivered, 1);
  });

  it('goes on after a restart', async () => {
    await start({ alerts: alertsOf('a'), destination: () => PAUSED });
    await rig.delivery.stop();
    rig.destination = () => OK;
    await rig.open();
    await rig.settle();
    assert.equal(rig.delivery.status().delivered, 1);
  });

  it('comes of refusals in a row, and not of one fewer', async () => {
    const alerts = alertsOf(...Array.from({ length: 3 * DELIVERY_REFUSALS_MAX }, () => 'a'));
    const accepted = alerts[DELIVERY_REFUSALS_MAX - 1]!.id;
    await start({ alerts, destination: ({ id }) => (id === accepted ? OK : REFUSED) });
    assert.equal(rig.sent.length, 2 * DELIVERY_REFUSALS_MAX);
    const { state, dead } = rig.delivery.status();
    assert.deepEqual({ state, dead }, { state: 'paused', dead: 2 * DELIVERY_REFUSALS_MAX - 1 });
    await rig.advance(DELIVERY_PAUSE_MS + 10);
    assert.equal(rig.sent.length, 2 * DELIVERY_REFUSALS_MAX + 1);
  });
});

describe('an alert that fails for ever', () => {
  const poisoned = (count: number) => {
    const alerts = alertsOf('bad', ...Array.from({ length: count }, (_, i) => `s${i % 50}`));
    const destination = (alert: DeliverableAlert): Outcome =>
      alert.id === alerts[0]!.id ? FAILED : OK;
    return { alerts, destination };
  };

  it('is set aside when nothing more fits behind it', async () => {
    assert.ok(DELIVERY_WINDOW_ALERTS_MAX > DELIVERY_PASSED_ALERTS_MIN);
    await start(poisoned(DELIVERY_WINDOW_ALERTS_MAX + 20));
    assert.equal(rig.delivery.status().delivered, DELIVERY_WINDOW_ALERTS_MAX - 1);
    await rig.advance(DELIVERY_RETRY_MS_MIN + 10);
    const { delivered, dead, lag } = rig.delivery.status();
    assert.deepEqual(
      { delivered, dead, lag },
      {
        delivered: DELIVERY_WINDOW_ALERTS_MAX + 20,
        dead: 1,
        lag: 0,
      },
    );
    assert.match(rig.delivery.deadLetters()[0]!.reason, /^given up, \d+ later ones were accepted/);
  });

  it('is kept as long as there is room', async () => {
    await start(poisoned(DELIVERY_WINDOW_ALERTS_MAX - 2));
    await rig.advance(DELIVERY_RETRY_MS_MIN + 10);
    const { dead, lag } = rig.delivery.status();
    assert.deepEqual({ dead, lag }, { dead: 0, lag: 1 });
  });

  it('is kept while the destination takes nothing else either', async () => {
    const { alerts } = poisoned(DELIVERY_WINDOW_ALERTS_MAX + 20);
    const [first] = alerts;
    let accepted = 0;
    await start({
      alerts,
      // Others overtake it, and then the destination goes away for all.
      destination: ({ id }) => {
        if (id === first!.id || accepted > 2 * DELIVERY_PASSED_ALERTS_MIN) return FAILED;
        accepted++;
        return OK;
      },
    });
    for (let i = 0; i < 200; i++) await rig.advance(DELIVERY_PAUSE_MS);
    assert.equal(rig.delivery.status().dead, 0);
    rig.destination = () => OK;
    for (let i = 0; i < 40; i++) await rig.advance(DELIVERY_PAUSE_MS);
    const { delivered, dead, lag } = rig.delivery.status();
    assert.deepEqual({ delivered, dead, lag }, { delivered: alerts.length, dead: 0, lag: 0 });
  });
});
