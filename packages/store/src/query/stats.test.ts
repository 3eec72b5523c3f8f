import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { APPROVAL_GROUPS_MAX, PROCESS_RECORDS_MAX } from '@vitrine/schema';
import { FsckRig } from '../fixture/fsck.ts';
import { FixtureLog, insert } from '../fixture/log.ts';

const made = new FixtureLog();
const { log } = made;
const MS = 1_000_000n;
const START = 1_764_000_000_000_000_000n;
let rig: FsckRig;
let size = 0;

function at(ms: number): string {
  return String(START + BigInt(ms) * MS);
}

function exec(shim: string, pid: number, ppid: number, exe: string): void {
  made.event(`p/${shim}`, 'process.exec', { process: { pid, ppid, exe } });
}

function exit(shim: string, pid: number, fields: { exit_code?: number; signal?: string }): void {
  made.event(`p/${shim}`, 'process.exit', { process: { pid, ...fields } });
}

function decision(ms: number, value: string, more: { latency_ms?: number } = {}): void {
  const fields = { decision: { value, source: 'user', ...more } };
  made.event('a/b0.agent', 'approval.decision', fields, { t: at(ms), vantage: 'agent' });
}

before(async () => {
  rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-stats-')));
  for (let i = 0; i < 100; i++) {
    const vantage = i % 4 === 0 ? 'agent' : 'host';
    made.event(`h/b0.${vantage}`, i < 90 ? 'file.open' : 'other', {}, { t: at(i), vantage });
  }
  exec('b0.host', 1, 0, '/bin/sh');
  exec('b0.host', 2, 1, '/usr/bin/make');
  exec('b0.host', 3, 2, '/bin/sh');
  exec('b0.host', 3, 2, '/usr/bin/cc');
  exec('b1.guest', 2, 1, '/bin/other-numbers');
  exit('b0.host', 3, { exit_code: 1 });
  exec('b0.host', 3, 2, '/usr/bin/ld');
  exit('b0.host', 3, { signal: 'SIGKILL' });
  exit('b0.host', 77, { exit_code: 0 });
  const asked = { t: at(1_000), vantage: 'agent' };
  made.event('a/b0.agent', 'approval.request', {}, asked);
  decision(1_250, 'accept');
  decision(61_000, 'accept', { latency_ms: 40 });
  decision(61_100, 'accept');
  decision(62_000, 'reject');
  await insert(rig.store, made.seal());
  size = made.size;
  made.event('h/b0.host', 'file.open', {}, { t: at(50) });
  exec('b0.host', 9, 1, '/bin/late');
  decision(62_001, 'reject');
  await insert(rig.store, made.seal());
});

after(async () => {
  await rig.stop();
});

describe('histogram', () => {
  it('counts every published event once, in the bucket of its time', async () => {
    const all = made.rows.filter(({ session, idx }) => session === 'h' && idx < size);
    const found = await rig.store.histogram({ log, size, session: 'h', buckets: 10, to: at(99) });
    const inside = all.filter(({ t }) => BigInt(t) <= BigInt(at(99)));
    assert.equal(found.events, inside.length);
    for (const { n, t, events, vantages, kinds } of found.buckets) {
      const end = BigInt(t) + BigInt(found.width_ns);
      const rows = inside.filter((row) => BigInt(row.t) >= BigInt(t) && BigInt(row.t) < end);
      assert.equal(events, rows.length, `bucket ${n}`);
      const opens = rows.filter(({ kind }) => kind === 'file.open').length;
      assert.deepEqual([kinds.file ?? 0, kinds.other ?? 0], [opens, rows.length - opens]);
      assert.equal(vantages.agent ?? 0, rows.filter(({ vantage }) => vantage === 'agent').length);
    }
    assert.ok(found.buckets.every(({ n }) => n >= 0 && n < 10));
  });

  it('keeps to the filter and to the bounds, and is empty where nothing is', async () => {
    const one = { log, size, session: 'h', buckets: 1 };
    const narrowed = { ...one, kinds: ['file.open'], vantages: ['agent'] };
    assert.equal((await rig.store.histogram(narrowed)).events, 23);
    const cut = await rig.store.histogram({ ...narrowed, from: at(4), to: at(8) });
    assert.deepEqual([cut.from, cut.to, cut.events], [at(4), at(8), 2]);
    const whole = { ...one, from: '0', to: String(2n ** 63n - 1n) };
    for (const count of [1, 2, 3]) {
      const all = await rig.store.histogram({ ...whole, buckets: count });
      assert.equal(all.events, (await rig.store.histogram(one)).events);
      assert.ok(all.buckets.every(({ n }) => n < count));
    }
    const { events, buckets } = await rig.store.histogram({ ...one, session: 'nobody' });
    assert.deepEqual([events, buckets], [0, []]);
  });
});

describe('processes', () => {
  it('stand below who began them, each observer with numbers of its own', async () => {
    const { processes, whole } = await rig.store.views.processes({ log, size, session: 'p' });
    assert.equal(whole, true);
    const shown = processes.map(({ shim, pid, parent, exe, execs, descendants }) => {
      return [shim, pid, parent, exe, execs, descendants];
    });
    assert.deepEqual(shown, [
      ['b0.host', 1, null, '/bin/sh', 1, 3],
      ['b0.host', 2, 0, '/usr/bin/make', 1, 2],
      ['b0.host', 3, 1, '/usr/bin/cc', 2, 0],
      ['b0.host', 3, 1, '/usr/bin/ld', 1, 0],
      ['b0.host', 77, null, '', 0, 0],
      ['b1.guest', 2, null, '/bin/other-numbers', 1, 0],
    ]);
    const ends = processes.map(({ exit: end }) => end && [end.code, end.signal]);
    assert.deepEqual(ends, [null, null, [1, null], [null, 'SIGKILL'], [0, null], null]);
  });
});

describe('the limits of these answers', () => {
  const many = { log: 'many.0.1', size: 1_000_000, session: 'm' };

  async function insertMany(first: number, count: number, record: string): Promise<void> {
    await rig.admin.command(
      `INSERT INTO records (tenant, log, idx, session, shim, kind, t, record)
       SELECT 'many', 'many.0.1', number, 'm', 'b0.host', JSONExtractString(record, 'kind'), number,
         ${record} AS record FROM numbers({first:UInt64}, {count:UInt64})`,
      { first, count },
    );
  }

  it('are said: a tree of too many records is not whole', async () => {
    const text = `concat('{"kind":"process.exec","process":{"pid":', toString(number), '}}')`;
    await insertMany(0, PROCESS_RECORDS_MAX, text);
    const full = await rig.store.views.processes(many);
    assert.deepEqual([full.processes.length, full.whole], [PROCESS_RECORDS_MAX, true]);
    await insertMany(PROCESS_RECORDS_MAX, 1, text);
    const over = await rig.store.views.processes(many);
    assert.deepEqual([over.processes.length, over.whole], [PROCESS_RECORDS_MAX, false]);
  });

  it('are kept: the most frequent groups of decisions stay', async () => {
    const value = `toString(number % ${APPROVAL_GROUPS_MAX + 1})`;
    const text = `concat('{"decision":{"value":"', ${value}, '"},"kind":"approval.decision"}')`;
    // The last value, 100, is there once less often than the others.
    const count = 2 * (APPROVAL_GROUPS_MAX + 1) - 1;
    const start = 1_000 * (APPROVAL_GROUPS_MAX + 1);
    await insertMany(start, count, text);
    const { decisions, groups } = await rig.store.views.approvals(many);
    assert.deepEqual([decisions, groups.length], [count, APPROVAL_GROUPS_MAX]);
    const least = String(APPROVAL_GROUPS_MAX);
    assert.ok(!groups.some((group) => group.value === least));
  });
});

describe('approvals', () => {
  it('count by value and source, with the time until the decision where it is known', async () => {
    const found = await rig.store.views.approvals({ log, size, session: 'a' });
    assert.deepEqual([found.requests, found.decisions], [1, 4]);
    assert.deepEqual([found.first_t, found.last_t], [at(1_250), at(62_000)]);
    assert.equal(found.busiest_minute?.decisions, 3);
    assert.deepEqual(found.groups, [
      {
        value: 'accept',
        source: 'user',
        decisions: 3,
        waited_ms: { known: 2, min: 40, p50: 250, p95: 250 },
      },
      { value: 'reject', source: 'user', decisions: 1, waited_ms: null },
    ]);
    assert.deepEqual(await rig.store.views.approvals({ log, size }), found);
    const none = await rig.store.views.approvals({ log, size, session: 'p' });
    assert.deepEqual([none.decisions, none.first_t, none.groups], [0, null, []]);
  });

  it('keep to a span of time', async () => {
    const late = await rig.store.views.approvals({ log, size, from: at(61_000), to: at(61_999) });
    assert.deepEqual([late.requests, late.decisions], [0, 2]);
  });
});
