import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CONSUMER_LEASE_MS, CONSUMERS_MAX } from '@vitrine/schema';
import { Consumers } from './consumers.ts';
import { pullFilter } from './streams.ts';

let dir = '';
let now = 0;
let consumers: Consumers;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vitrine-consumers-'));
  consumers = new Consumers(dir, () => now);
});
afterEach(() => rmSync(dir, { recursive: true }));

const filter = pullFilter('alerts', () => undefined);
const made = (name: string, next = 0) => {
  const created = '2026-11-29T00:00:00.000Z';
  return { name, filter, format: 'ndjson', parts: null, next, token: 't', created } as const;
};

describe('consumers', () => {
  it('have their place in a file before an ack is answered, and never go back', async () => {
    await consumers.put(made('soc', 5));
    await consumers.ack('soc', 9, new Date(0));
    assert.equal(new Consumers(dir).of('soc').next, 9);
    await consumers.ack('soc', 7, new Date(1_000));
    const again = new Consumers(dir).of('soc');
    assert.deepEqual([again.next, again.last_ack], [9, '1970-01-01T00:00:01.000Z']);
    assert.deepEqual(again.filter, filter);
    assert.equal(statSync(join(dir, 'consumers.json')).mode & 0o777, 0o600);
  });

  it('keep the newest of many acks at once', async () => {
    await consumers.put(made('soc'));
    await Promise.all(Array.from({ length: 30 }, (_, i) => consumers.ack('soc', i, new Date())));
    assert.equal(new Consumers(dir).of('soc').next, 29);
  });

  it('are made once, for one thing', async () => {
    assert.equal(await consumers.put(made('soc')), true);
    assert.equal(await consumers.put(made('soc', 99)), false);
    assert.equal(consumers.of('soc').next, 0);
    const events = { ...made('soc'), filter: pullFilter('events', () => undefined) };
    await assert.rejects(consumers.put(events), { code: 'STATE_CONFLICT' });
    for (const name of ['', 'A', '../x', '-a', 'a'.repeat(64)]) {
      await assert.rejects(consumers.put(made(name)), { code: 'BAD_REQUEST' }, name);
    }
    await consumers.put(made('a'.repeat(63)));
    await consumers.delete('soc');
    assert.throws(() => consumers.of('soc'), { code: 'NOT_FOUND' });
    assert.throws(() => new Consumers(dir).of('soc'), { code: 'NOT_FOUND' });
  });

  it('are as their file has them where it cannot be written', async () => {
    await consumers.put(made('soc', 5));
    const away = `${dir}-away`;
    renameSync(dir, away);
    await assert.rejects(consumers.put(made('new')), { code: 'ENOENT' });
    await assert.rejects(consumers.ack('soc', 9, new Date()), { code: 'ENOENT' });
    await assert.rejects(consumers.delete('soc'), { code: 'ENOENT' });
    renameSync(away, dir);
    // Whoever tries again is not told that it had been made, moved or forgotten.
    assert.equal(consumers.of('soc').next, 5);
    assert.equal(await consumers.put(made('new')), true);
    assert.deepEqual(consumers.list(), new Consumers(dir).list());
  });

  it('are so many at most', async () => {
    for (let i = 0; i < CONSUMERS_MAX; i++) await consumers.put(made(`c${i}`));
    await assert.rejects(consumers.put(made('one-more')), { code: 'TOO_LARGE' });
    assert.equal(await consumers.put(made('c0')), false);
  });

  it('are read by one reader at a time', async () => {
    await consumers.put(made('soc'));
    const first = consumers.begin('soc', 'a');
    for (const reader of ['a', 'b']) {
      assert.throws(() => consumers.begin('soc', reader), { code: 'CONSUMER_LEASED', status: 409 });
    }
    now += 10 * CONSUMER_LEASE_MS;
    assert.throws(() => consumers.begin('soc', 'b'), { code: 'CONSUMER_LEASED' });
    first.end();
    // The first one may be at work on what it was given.
    assert.throws(() => consumers.begin('soc', 'b'), { headers: { 'retry-after': '30' } });
    assert.throws(() => consumers.check('soc', 'b'), { code: 'CONSUMER_LEASED' });
    consumers.check('soc', 'a');
    consumers.begin('soc', 'a').end();
    now += CONSUMER_LEASE_MS - 1;
    assert.equal(consumers.readerOf('soc'), 'a');
    assert.throws(() => consumers.begin('soc', 'b'), { code: 'CONSUMER_LEASED' });
    now += 1;
    assert.equal(consumers.readerOf('soc'), null);
    consumers.begin('soc', 'b').end();
    assert.throws(() => consumers.begin('soc', 'a'), { code: 'CONSUMER_LEASED' });
  });

  it('are not forgotten where their file is damaged', () => {
    writeFileSync(join(dir, 'consumers.json'), '[{"name":');
    assert.throws(() => new Consumers(dir), { code: 'CONSUMERS_UNREADABLE' });
    writeFileSync(join(dir, 'consumers.json'), '[null]');
    assert.throws(() => new Consumers(dir), { code: 'CONSUMERS_UNREADABLE' });
  });
});
