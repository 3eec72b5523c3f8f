import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { advance, SPEEDS, type Standing } from './clock.ts';

const T0 = 1_764_000_000_000_000_000n;
const at = (ms: number): string => String(T0 + BigInt(ms) * 1_000_000n);
const START: Standing = { t: T0, at: 0 };

/** How many ticks of 100 ms a replay takes, and what it left out. */
function play(times: string[], speed: (typeof SPEEDS)[number]): [ticks: number, skippedMs: number] {
  let standing = START;
  let skipped = 0;
  const seen = [0];
  for (let ticks = 0; ticks < 10_000; ticks++) {
    const next = advance(times, standing, 100, speed);
    if (next === undefined) {
      assert.equal(standing.at, times.length - 1);
      return [ticks, skipped];
    }
    assert.ok(next.at >= standing.at, 'recorded order');
    if (next.at > standing.at) seen.push(next.at);
    skipped += next.skippedMs;
    standing = next;
  }
  assert.fail('a replay that never ends');
}

describe('a replay', () => {
  it('takes as long as the events took, divided by its speed', () => {
    const times = Array.from({ length: 21 }, (_, i) => at(i * 500));
    assert.deepEqual(play(times, 1), [100, 0]);
    assert.deepEqual(play(times, 10), [10, 0]);
    assert.deepEqual(play(times, 100), [1, 0]);
  });

  it('leaves out idle stretches, and says how much', () => {
    const [ticks, skipped] = play([at(0), at(100), at(3_600_000)], 1);
    assert.ok(ticks <= 6, `${ticks} ticks`);
    assert.ok(skipped > 3_590_000 && skipped < 3_600_000);
    for (const speed of SPEEDS) assert.ok(play([at(0), at(86_400_000)], speed)[0] <= 6);
  });

  it('is not stopped by a clock that goes back', () => {
    const [ticks] = play([at(1_000), at(0), at(100), at(2_000_000), at(50)], 1);
    assert.ok(ticks < 40, `${ticks} ticks`);
  });

  it('ends where the rows end', () => {
    assert.equal(advance([at(0)], START, 100, 1), undefined);
    assert.equal(advance([], { t: T0, at: -1 }, 100, 1), undefined);
  });
});
