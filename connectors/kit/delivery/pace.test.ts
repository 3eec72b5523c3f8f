import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import {
  DELIVERY_CONCURRENT_START,
  DELIVERY_RETRY_MS_MIN,
  DELIVERY_SLOW_MS,
} from '@vitrine/schema';
import { ids } from '../conformance/claims.ts';
import type { Batch, Outcome } from '../contract.ts';
import { alertsOf, OK, Rig } from './rig.ts';

const PAIRS: Batch = { alertsMax: 2, bytesMax: 100_000, ageMsMax: 0, order: 'each' };
const HALF = DELIVERY_CONCURRENT_START / 2;
const busy = { kind: 'retry', reason: '429' } as const;

let rig: Rig;
/** Requests that the destination has not answered; `undefined`: it answers all at once. */
let held: ((outcome: Outcome) => void)[] | undefined;
afterEach(async () => {
  const last = held ?? [];
  held = undefined;
  for (const answer of last) answer(OK);
  await rig.end();
});

/** How many requests are under way after the first ones were all answered so, `ms` later. */
async function underWayAfter(outcome: Outcome, ms: number): Promise<number> {
  const open: ((outcome: Outcome) => void)[] = [];
  held = open;
  const sessions = Array.from({ length: 60 }, (_, i) => `s${i}`);
  rig = await Rig.start({
    alerts: alertsOf(...sessions),
    batch: PAIRS,
    batchDestination: () => (held ? new Promise((done) => open.push(done)) : OK),
  });
  await rig.settle();
  assert.equal(open.length, DELIVERY_CONCURRENT_START);
  await rig.advance(ms);
  for (const answer of open.splice(0)) answer(outcome);
  await rig.settle();
  return open.length;
}

describe('a request', () => {
  it('that asks a destination which is away how it is has one alert', async () => {
    const away: Outcome = { kind: 'retry', reason: 'ECONNREFUSED', unreachable: true };
    const sessions = Array.from({ length: 20 }, (_, i) => `s${i}`);
    rig = await Rig.start({
      alerts: alertsOf(...sessions),
      batch: PAIRS,
      batchDestination: () => away,
    });
    await rig.settle();
    const before = rig.requests.length;
    assert.ok(rig.requests.every(({ length }) => length === 2));
    await rig.advance(2 * DELIVERY_RETRY_MS_MIN);
    assert.deepEqual(
      rig.requests.slice(before).map(({ length }) => length),
      [1],
    );
  });

  it('with what failed before waits for no company', async () => {
    const away = { kind: 'retry', reason: 'no leader', unreachable: true } as const;
    const said: Outcome[] = [{ kind: 'partial', answer: '', items: [{ kind: 'ok' }, away] }];
    const alerts = alertsOf('a', 'b');
    const batch = { ...PAIRS, ageMsMax: 1_000 * DELIVERY_RETRY_MS_MIN };
    rig = await Rig.start({ alerts, batch, batchDestination: () => said.shift() ?? OK });
    await rig.settle();
    await rig.advance(2 * DELIVERY_RETRY_MS_MIN);
    assert.deepEqual(rig.requests, [ids(alerts), [alerts[1]!.id]]);
  });
});

describe('requests at a time', () => {
  it('are half as many once answers are slow, and not before', async () => {
    assert.equal(await underWayAfter(OK, DELIVERY_SLOW_MS), DELIVERY_CONCURRENT_START);
    for (const answer of held!.splice(0)) answer(OK);
    held = undefined;
    await rig.end();
    assert.equal(await underWayAfter(OK, DELIVERY_SLOW_MS + 1), HALF);
  });

  it('are half as many when a part of what was sent has to wait', async () => {
    const partial: Outcome = { kind: 'partial', answer: '', items: [{ kind: 'ok' }, busy] };
    assert.equal(await underWayAfter(partial, 0), HALF);
    assert.equal(rig.delivery.status().breaker, 'closed');
  });

  it('are one when nothing of what was sent is taken, however that is said', async () => {
    const partial: Outcome = { kind: 'partial', answer: '', items: [busy, busy] };
    await underWayAfter(partial, 0);
    assert.equal(rig.delivery.status().breaker, 'open');
  });
});
