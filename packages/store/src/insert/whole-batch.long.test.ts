/**
 * A batch as large as there are, with what texts, times and parts may be at the worst: the engine
 * has all of it exactly, says the same before and after a merge, and one half that was lost is put
 * back.
 */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { BATCH_RECORDS_MAX } from '@vitrine/schema';
import { FsckRig, named } from '../fixture/fsck.ts';
import { type FixtureBatch, FixtureLog, insert } from '../fixture/log.ts';

let rig: FsckRig;

before(async () => {
  rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-whole-')));
});

after(async () => {
  await rig.stop();
});

const TEXTS = ['', '\0', 'a\0b', '\u{10ffff}', '\uffff\ufffe', 'é'.repeat(90), 'x'.repeat(127)];
const TIMES = ['0', '1', '9223372036854775807', '9223372036854775808', '9'.repeat(40)];
const PARTS = [
  Buffer.alloc(0),
  Buffer.from([0xc3, 0x28, 0, 0xff, 0xfe, 0xed, 0xa0, 0x80]),
  Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
  Buffer.alloc(1_048_576, 0x80),
];

/** Texts of many kinds in each column, and records of the largest size among them. */
function largest(name: string): { made: FixtureLog; batch: FixtureBatch } {
  const made = new FixtureLog(name);
  const sessions = Array.from({ length: 50 }, (_, i) => `s${i}`);
  for (const session of sessions) made.open(session, { host: { name: TEXTS[2]! } });
  for (let i = 0; made.pending < BATCH_RECORDS_MAX - 400; i++) {
    const session = sessions[i % sessions.length]!;
    const id = i % 3 === 0 ? TEXTS[i % TEXTS.length]! : `agent ${i % 4_000}`;
    const fields = { agent: { id }, text: i % 5_000 === 7 ? 'y'.repeat(65_000) : TEXTS[i % 7]! };
    const t = i % 9 === 0 ? TIMES[i % TIMES.length]! : String(i);
    const many = { argv: PARTS[i % 3]!, otlp: PARTS[(i + 1) % 3]! };
    const parts = i % 10_000 === 5 ? { argv: PARTS[3]! } : i % 20 === 0 ? many : {};
    made.event(`${session}/b${i % 4}.host`, `kind.${i % 300}`, fields, { t, parts });
  }
  made.own('alert', 'alert', { id: 'a', subject: 's0', severity: 'high', title: 'é\0'.repeat(99) });
  return { made, batch: made.seal() };
}

async function said(made: FixtureLog): Promise<unknown[]> {
  const { store } = rig;
  const { log, size } = made;
  const events: unknown[] = [];
  for (const session of ['s0', 's17', 's49']) {
    events.push(await store.events({ log, size, session, order: 'desc', limit: 900 }));
    events.push(await store.chainRecords(log, size, session, 'b1.host', 3, 900));
  }
  const leaves = await store.leaves(log, 0, size);
  const sessions = await store.sessions({ log, size, limit: 60 });
  const tips = await store.tips(log, size, ['s1', 's2', 'log']);
  const one = await store.record(log, size, size - 1);
  return [events, leaves, sessions, tips, one];
}

async function partsOf(log: string): Promise<number> {
  const question = 'SELECT toUInt32(uniqExact(_part)) AS n FROM records WHERE log = {log:String}';
  return (await rig.admin.rows<{ n: number }>(question, { log }))[0]!.n;
}

it('of the most records is stored exactly, whole or mended, merged or not', async () => {
  const { made, batch } = largest('whole.0.1');
  const { log, size } = made;
  assert.ok(size > BATCH_RECORDS_MAX - 600 && size <= BATCH_RECORDS_MAX, `${size} records`);
  assert.ok(batch.rows.some(({ record }) => record.length > 65_000));
  await insert(rig.store, batch);
  assert.equal(await partsOf(log), 1);
  assert.deepEqual(named(await rig.check(made)), []);
  const unmerged = await said(made);
  const leaves = made.rows.map(({ leaf }) => leaf);
  assert.deepEqual(unmerged[1], leaves);
  // What an insert that was cut off would leave, and one that came twice.
  await rig.admin.command(
    'ALTER TABLE records DELETE WHERE log = {log:String} AND idx % 2 = 1',
    { log },
    { mutations_sync: '2' },
  );
  await insert(rig.store, {
    ...batch,
    parts: [],
    rows: batch.rows.filter(({ idx }) => idx % 64 === 0),
  });
  await insert(rig.store, batch, true);
  assert.deepEqual(await said(made), unmerged);
  await rig.admin.command('OPTIMIZE TABLE records FINAL');
  assert.equal(await partsOf(log), 1);
  assert.deepEqual(await said(made), unmerged);
  assert.deepEqual(named(await rig.check(made)), []);
  assert.deepEqual(named(await rig.checkFast(made)), []);
});
