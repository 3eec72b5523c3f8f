import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FsckRig, makeLog, named } from '../fixture/fsck.ts';
import { insertGolden } from '../fixture/golden.ts';
import type { RecordRow } from '../row.ts';
import { fsck } from './fsck.ts';

let rig: FsckRig;

before(async () => {
  rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-fsck-')));
});

after(() => rig.stop());

describe('a log that is as it was written', () => {
  it('has no finding, and says what it has read', async () => {
    const { made, batches } = makeLog('whole.0.1');
    await rig.insertAll(batches);
    const seen: number[] = [];
    const { log, origin, trust, note } = made;
    const progress = { onProgress: ({ checked }: { checked: number }) => seen.push(checked) };
    const report = await fsck(rig.store, { log, origin, trust, note }, progress);
    assert.deepEqual(report.findings, []);
    assert.equal(report.ok, true);
    assert.deepEqual([report.records, report.checkpoints, report.parts], [made.size, 4, 30]);
    assert.deepEqual(seen, [made.size]);
    const earlier = await rig.check(made, { note: batches[1]!.checkpoint.note });
    assert.deepEqual(earlier.findings, []);
    assert.equal(earlier.records, batches[1]!.checkpoint.size);
  });

  it('made by an independent implementation has none either', async () => {
    const { log, trust, note, origin } = await insertGolden(rig.store);
    const report = await fsck(rig.store, { log, origin, trust, note }, { onProgress: () => {} });
    // The golden log lacks one part on purpose.
    assert.deepEqual(named(report), ['parts 8/otlp data']);
    assert.equal(report.records, 37);
    assert.equal(report.checkpoints, 10);
    assert.deepEqual(report.missingParts, [
      { index: 2, name: 'argv', covered: true },
      { index: 8, name: 'body', covered: true },
      { index: 8, name: 'otlp', covered: false },
      { index: 33, name: 'argv', covered: true },
    ]);
    assert.equal(report.uncoveredTotal, 1);
  });
});

describe('a redaction while fsck runs', () => {
  it('is believed as far as the log is published, and no further', async () => {
    const { made, batches } = makeLog('meanwhile.0.1');
    const { note } = made;
    const [part] = batches[0]!.parts.splice(0, 1);
    const { session, shim, seq } = made.rows.find(({ idx }) => idx === part!.idx)!;
    made.own('audit', 'redact', { target: { chain: `${session}/${shim}`, seq, part: 'argv' } });
    await rig.insertAll([...batches, made.seal()]);
    const missed = [`parts ${part!.idx}/argv data`];
    for (const check of [rig.check.bind(rig), rig.checkFast.bind(rig)]) {
      assert.deepEqual(named(await check(made, { note })), missed);
      const published = (): number => made.size;
      assert.deepEqual(named(await check(made, { note, published })), []);
      assert.deepEqual(named(await check(made)), []);
    }
  });
});

describe('a column that was edited', () => {
  it('is named, whichever it is', async () => {
    const { made, batches } = makeLog('columns.0.1');
    const rows = batches[0]!.rows;
    const edits: Partial<RecordRow>[] = [
      { tenant: 'other' },
      { session: 's9' },
      { shim: 'b0.guest' },
      { seq: 7_777 },
      { kind: 'file.read' },
      { t: '1' },
      { observed: '1' },
      { sandbox: 'x' },
      { via: 'x' },
      { vantage: 'agent' },
      { peer: 'x' },
      { leaf: Buffer.alloc(32, 9) },
      { agent: 'x' },
      { severity: 5 },
      { title: 'x' },
      { subject: 's2' },
    ];
    const expected: string[] = [];
    for (const [i, edit] of edits.entries()) {
      const at = 20 + 2 * i;
      rows[at] = { ...rows[at]!, ...edit };
      expected.push(`records ${at} ${Object.keys(edit)[0]}`);
    }
    await rig.insertAll(batches);
    assert.deepEqual(named(await rig.check(made)), expected.sort());
  });

  it('is named in the table of supervision', async () => {
    const { made, batches } = makeLog('supervision.0.1');
    await rig.insertAll(batches);
    const open = made.rows.find(({ kind }) => kind === 'open')!;
    for (const [column, value] of Object.entries({
      host_name: "'x'",
      host_id: "'x'",
      host_ip: "'x'",
      pid: '1',
      session: "'x'",
      seq: '9',
      record: "'{}'",
    })) {
      await rig.admin.command(
        `ALTER TABLE supervision UPDATE ${column} = ${value} WHERE log = {log:String}
           AND idx = {idx:UInt64}`,
        { log: made.log, idx: open.idx },
        { mutations_sync: '2' },
      );
    }
    await rig.admin.command(
      `ALTER TABLE supervision DELETE WHERE log = {log:String} AND kind = 'close'`,
      { log: made.log },
      { mutations_sync: '2' },
    );
    const close = made.rows.find(({ kind }) => kind === 'close')!;
    const columns = ['host_id', 'host_ip', 'host_name', 'pid', 'record', 'seq', 'session'];
    assert.deepEqual(
      named(await rig.check(made)),
      [
        `supervision ${close.idx} idx`,
        ...columns.map((column) => `supervision ${open.idx} ${column}`),
      ].sort(),
    );
  });
});
