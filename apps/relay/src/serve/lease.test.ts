import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OPP_LEASE_MS_MAX, OPP_LEASE_MS_MIN } from '@vitrine/schema';
import { Lease, Leased } from './lease.ts';

describe('a lease', () => {
  it('is one puller’s until it runs out, and its requests prolong it', () => {
    let now = 0;
    const lease = new Lease(() => now);
    const { lease: mine } = lease.take('one', OPP_LEASE_MS_MIN);
    now = OPP_LEASE_MS_MIN - 1;
    lease.check(mine);
    now += OPP_LEASE_MS_MIN - 1;
    for (const other of [undefined, 'x']) {
      assert.throws(
        () => lease.check(other),
        (error) => error instanceof Leased && error.holder === 'one' && error.expiresInMs === 1,
      );
    }
    assert.throws(() => lease.take('two', OPP_LEASE_MS_MIN), { code: 'LEASED' });
    now += 1;
    assert.throws(() => lease.check(mine), { code: 'LEASE_UNKNOWN' });
    lease.check(undefined);
    assert.ok(lease.take('two', OPP_LEASE_MS_MIN).lease);
  });

  it('is given anew to the puller that has it, and the older one is void', () => {
    const lease = new Lease(() => 0);
    const { lease: before } = lease.take('one', OPP_LEASE_MS_MIN);
    const { lease: after } = lease.take('one', OPP_LEASE_MS_MIN);
    lease.check(after);
    assert.throws(() => lease.check(before), { code: 'LEASED' });
  });

  it('lasts neither shorter nor longer than its bounds', () => {
    const lease = new Lease(() => 0);
    assert.equal(lease.take('one', 1).ttlMs, OPP_LEASE_MS_MIN);
    assert.equal(lease.take('one', OPP_LEASE_MS_MIN).ttlMs, OPP_LEASE_MS_MIN);
    assert.equal(lease.take('one', OPP_LEASE_MS_MAX).ttlMs, OPP_LEASE_MS_MAX);
    assert.equal(lease.take('one', OPP_LEASE_MS_MAX + 1).ttlMs, OPP_LEASE_MS_MAX);
  });
});
