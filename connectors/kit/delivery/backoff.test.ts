import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DELIVERY_BREAKER_FAILURES } from '@vitrine/schema';
import { Breaker, retryWaitMs } from './backoff.ts';

const options = { retryMsMin: 500, retryMsMax: 300_000, random: () => 1 };

describe('retryWaitMs', () => {
  it('doubles from the shortest to the longest', () => {
    const waits = [0, 1, 2, 9, 10, 31, 4_000].map((failures) => retryWaitMs(failures, options));
    assert.deepEqual(waits, [500, 1_000, 2_000, 256_000, 300_000, 300_000, 300_000]);
  });

  it('spreads over the whole stretch', () => {
    assert.equal(retryWaitMs(3, { ...options, random: () => 0 }), 0);
    assert.equal(retryWaitMs(3, { ...options, random: () => 0.5 }), 2_000);
  });
});

describe('Breaker', () => {
  /** Fails so often, for two alerts in turn. */
  const failing = (times: number): Breaker => {
    const breaker = new Breaker(options);
    for (let i = 0; i < times; i++) breaker.finish(breaker.start([`${i % 2}`]), 'fails', 0);
    return breaker;
  };

  it('opens at its number of failures and not before', () => {
    assert.equal(failing(DELIVERY_BREAKER_FAILURES - 1).open, false);
    assert.equal(failing(DELIVERY_BREAKER_FAILURES).open, true);
  });

  it('begins to count again after an answer', () => {
    const breaker = failing(DELIVERY_BREAKER_FAILURES - 1);
    breaker.finish(breaker.start(['x']), 'answers', 0);
    breaker.finish(breaker.start(['x']), 'fails', 0);
    breaker.finish(breaker.start(['y']), 'fails', 0);
    assert.equal(breaker.open, false);
  });

  it('admits one probe after its wait, and longer waits follow', () => {
    const breaker = failing(DELIVERY_BREAKER_FAILURES);
    const wait = retryWaitMs(0, options);
    assert.equal(breaker.admits(wait - 1), false);
    assert.equal(breaker.admits(wait), true);
    const probe = breaker.start(['x']);
    assert.equal(breaker.admits(wait), false);
    assert.equal(breaker.finish(probe, 'fails', wait), 2 * wait);
    assert.equal(breaker.admits(3 * wait - 1), false);
    breaker.finish(breaker.start(['x']), 'answers', 3 * wait);
    assert.equal(breaker.open, false);
    assert.equal(breaker.admits(3 * wait), true);
  });

  it('does not open wider for what was under way when it opened', () => {
    const breaker = new Breaker(options);
    const trials = Array.from({ length: 8 }, (_, i) => breaker.start([`${i}`]));
    const waits = trials.map((trial) => breaker.finish(trial, 'fails', 0));
    assert.deepEqual(
      waits.filter((wait) => wait > 0),
      [options.retryMsMin],
      'a moment in which many failed is not a long outage',
    );
  });

  it('probes on when an answer tells nothing of its health', () => {
    const breaker = failing(DELIVERY_BREAKER_FAILURES);
    breaker.finish(breaker.start(['x']), 'unknown', 100_000);
    assert.equal(breaker.open, true);
    assert.equal(breaker.admits(100_000), true);
  });
});
