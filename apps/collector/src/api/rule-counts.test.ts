/** Counts of alerts by rule: only what is new is asked for, and a day passes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RuleAlerts } from '@vitrine/store';
import { RuleCounts } from './rule-counts.ts';

const MINUTE_NS = 60_000_000_000n;
const DAY_NS = 1_440n * MINUTE_NS;
const NOW_NS = 20_000n * DAY_NS;

/** Alerts of R-001 by leaf, each with the time at which it was raised. */
function storeOf(alerts: Map<number, bigint>) {
  const asked: [number, number][] = [];
  const ruleAlerts = async (
    _: string,
    { first, end }: { first: number; end: number },
    sinceNs: bigint,
  ): Promise<RuleAlerts[]> => {
    asked.push([first, end]);
    const among = [...alerts].filter(([leaf]) => leaf >= first && leaf < end);
    return among.map(([, t]) => {
      const slot = t < sinceNs ? 0n : t - (t % (10n * MINUTE_NS));
      return { rule: 'R-001', slot, total: 1, last_t: t };
    });
  };
  return { asked, store: { ruleAlerts } };
}

test('leaves are counted once, whoever asks and however often', async () => {
  const alerts = new Map([1, 2, 5].map((leaf) => [leaf, NOW_NS - BigInt(10 - leaf) * MINUTE_NS]));
  const { asked, store } = storeOf(alerts);
  const counts = new RuleCounts({ store, log: 'l' });
  const [of] = await Promise.all([3, 3, 2].map((size) => counts.upTo(size, NOW_NS)));
  assert.equal(of!('R-001').alerts, 2);
  const later = (await counts.upTo(9, NOW_NS))('R-001');
  assert.deepEqual(later, { alerts: 3, alerts_24h: 3, last_fired: String(alerts.get(5)) });
  assert.deepEqual(asked, [
    [0, 3],
    [3, 9],
  ]);
  assert.deepEqual((await counts.upTo(9, NOW_NS))('R-002').alerts, 0);
});

test('what is older than a day is no longer of the last one', async () => {
  const alerts = new Map([
    [1, NOW_NS - 2n * DAY_NS],
    [2, NOW_NS - DAY_NS + 30n * MINUTE_NS],
    [3, NOW_NS - MINUTE_NS],
  ]);
  const counts = new RuleCounts({ store: storeOf(alerts).store, log: 'l' });
  const recent = async (minutes: bigint): Promise<number> => {
    return (await counts.upTo(4, NOW_NS + minutes * MINUTE_NS))('R-001').alerts_24h;
  };
  assert.deepEqual([await recent(0n), await recent(60n)], [2, 1]);
});

test('a store that fails is asked again for the same', async () => {
  const { asked, store } = storeOf(new Map([[1, NOW_NS]]));
  const { ruleAlerts } = store;
  store.ruleAlerts = async () => Promise.reject(new Error('gone'));
  const counts = new RuleCounts({ store, log: 'l' });
  await assert.rejects(counts.upTo(2, NOW_NS), /gone/);
  store.ruleAlerts = ruleAlerts;
  assert.equal((await counts.upTo(2, NOW_NS))('R-001').alerts, 1);
  assert.deepEqual(asked, [[0, 2]]);
});
