/** Seals of days (LOG.md §3): which chains they commit to, and when. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headsTree } from '@vitrine/chain';
import { DAY_SEALS_MISSED_MAX, type JsonObject, SEAL_IDLE_CLOSED_MS } from '@vitrine/schema';
import { AT_NS, emptyLog, openEntry, RelayChain, recordsOf, seal } from '../fixture/log.ts';
import { DayLedger, dayOf, daysBetween, midnightNs } from './days.ts';
import type { Plan } from './plan.ts';
import type { LogState } from './state.ts';

/** AT_NS is in this day. */
const DAY = '2025-11-24';
const MIDNIGHT = midnightNs('2025-11-25');

const sealIn = (plan: Plan): JsonObject => recordsOf(plan).at(-1)!;

/** The heads that a log has at this moment. */
function summary(state: LogState): JsonObject {
  const heads = [...state.tips].map(([chain, { head, seq }]) => ({ chain, head, seq }));
  const { root, size } = headsTree(heads);
  return { root: root.toString('base64'), size };
}

describe('the seal of a day', () => {
  it('is the first one after midnight, over the chains as the day left them', () => {
    const state = emptyLog();
    const chain = new RelayChain('a');
    seal(state, [openEntry('a'), chain.page(chain.next('x'))]);
    const last = seal(state, [chain.page(chain.next('y'))], MIDNIGHT - 1n);
    assert.equal('day' in sealIn(last), false);
    const expected = summary(state);
    const over = seal(state, [openEntry('b'), chain.page(chain.next('z'))], MIDNIGHT);
    assert.equal(sealIn(over).day, DAY);
    assert.deepEqual(sealIn(over).days, expected, 'without what came with the seal itself');
    assert.equal('day' in sealIn(seal(state, [], MIDNIGHT + 1n)), false, 'once a day');
  });

  it('names sessions that closed during the day, and no chain that was silent', () => {
    const state = emptyLog();
    const close = { kind: 'close', reason: 'runtime', observed: String(AT_NS) } as const;
    seal(state, [openEntry('a'), openEntry('b'), { ...close, session: 'a' }]);
    const first = sealIn(seal(state, [], MIDNIGHT));
    assert.equal((first.days as JsonObject).size, 2, 'the sup chains of a and b');
    const chain = new RelayChain('b');
    seal(state, [chain.page(chain.next('x'))], MIDNIGHT + 1n);
    const second = sealIn(seal(state, [], midnightNs('2025-11-26')));
    assert.equal(second.day, '2025-11-25');
    assert.equal((second.days as JsonObject).size, 3, 'log/admit, b and its sup');
  });

  it('counts a day by the time in the seal, which a clock that steps back does not change', () => {
    const state = emptyLog();
    seal(state, [openEntry('a')], MIDNIGHT - 1n);
    assert.equal(sealIn(seal(state, [], MIDNIGHT + 5n)).day, DAY);
    const back = sealIn(seal(state, [], AT_NS));
    assert.equal(back.t, String(MIDNIGHT + 6n));
    assert.equal('day' in back, false);
  });

  it('comes within 15 minutes, for a log that has nothing to say seals more often', () => {
    assert.ok(SEAL_IDLE_CLOSED_MS < 15 * 60_000);
  });

  it('is made up for days without a writer, one in each seal, the oldest first', () => {
    const state = emptyLog();
    seal(state, [openEntry('a')]);
    const later = midnightNs('2025-11-27');
    const seals = [0n, 1n, 2n, 3n].map((n) => sealIn(seal(state, [], later + n)));
    assert.deepEqual(
      seals.map(({ day }) => day),
      [DAY, '2025-11-25', '2025-11-26', undefined],
    );
    assert.deepEqual(
      seals.map(({ days }) => (days as JsonObject | undefined)?.size),
      [1, 0, 0, undefined],
    );
    assert.equal(state.days.waits, false);
  });
});

describe('the ledger of days', () => {
  it('makes up for so many days and no more, whatever the clock says', () => {
    const [from, to] = ['2025-01-01', '2035-01-01'];
    assert.equal(daysBetween(from, to).length, DAY_SEALS_MISSED_MAX);
    assert.equal(daysBetween(from, to).at(-1), '2034-12-31');
    assert.equal(daysBetween(from, '2025-01-02').length, 0);
    assert.equal(daysBetween('2025-01-01', '2026-01-02')[0], '2025-01-02', 'all 365 of them');
    assert.equal(daysBetween('2024-12-31', '2026-01-03')[0], '2025-01-02', '367: not the oldest');
  });

  it('knows the day of a time to the nanosecond, leap days among them', () => {
    const midnight = midnightNs('2028-03-01');
    assert.equal(dayOf(midnight - 1n), '2028-02-29');
    assert.equal(dayOf(midnight), '2028-03-01');
  });

  it('goes on from where another one stood', () => {
    const head = { chain: 'a/sup', head: Buffer.alloc(32), seq: 0 };
    const kept = new DayLedger({ day: DAY, heads: [head] }, [{ day: '2025-11-23', heads: [] }]);
    assert.equal(kept.waits, true);
    kept.take(MIDNIGHT, []);
    assert.deepEqual(kept.next(), { day: '2025-11-23', heads: [] });
    assert.deepEqual(kept.next(), { day: DAY, heads: [head] });
    assert.equal(kept.next(), undefined);
  });
});
