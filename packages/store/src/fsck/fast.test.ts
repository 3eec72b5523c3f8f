import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { leafHash } from '@vitrine/chain';
import { QUERY_ROWS_MAX } from '@vitrine/schema';
import { FsckRig, makeLog, named } from '../fixture/fsck.ts';
import { insertGolden } from '../fixture/golden.ts';
import { FixtureLog } from '../fixture/log.ts';
import { fsckFast } from './fast.ts';

let rig: FsckRig;

before(async () => {
  rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-fast-')));
});

after(() => rig.stop());

describe('the fast check', () => {
  it('finds nothing in a log that is whole, and says what it has read', async () => {
    const { made, batches } = makeLog('whole.0.1');
    await rig.insertAll(batches);
    const { log, origin, trust, note } = made;
    const seen: number[] = [];
    const progress = { onProgress: ({ checked }: { checked: number }) => seen.push(checked) };
    const report = await fsckFast(rig.store, { log, origin, trust, note }, progress);
    assert.deepEqual(report.findings, []);
    assert.deepEqual([report.ok, report.pass], [true, 'fast']);
    assert.deepEqual([report.records, report.parts, report.size], [made.size, 30, made.size]);
    assert.deepEqual(seen, [made.size]);
    const earlier = await rig.checkFast(made, { note: batches[1]!.checkpoint.note });
    assert.deepEqual(earlier.findings, []);
  });

  it('agrees with the whole check about the golden log', async () => {
    const { log, trust, note, origin } = await insertGolden(rig.store);
    const report = await fsckFast(
      rig.store,
      { log, origin, trust, note },
      { onProgress: () => {} },
    );
    assert.deepEqual(named(report), ['parts 8/otlp data']);
    assert.deepEqual(report.missingParts, [
      { index: 2, name: 'argv', covered: true },
      { index: 8, name: 'body', covered: true },
      { index: 8, name: 'otlp', covered: false },
      { index: 33, name: 'argv', covered: true },
    ]);
  });

  it('finds a record that was changed with its leaf hash, by the signed root', async () => {
    for (const at of [50, 310]) {
      const { made, batches } = makeLog(`both${at}.0.1`);
      for (const batch of batches) {
        const row = batch.rows.find(({ idx }) => idx === at);
        if (row === undefined) continue;
        const record = row.record.replace('"t":"1', '"t":"2');
        const leaf = leafHash(Buffer.from(record));
        batch.rows[batch.rows.indexOf(row)] = { ...row, record, leaf };
      }
      await rig.insertAll(batches);
      const found = named(await rig.checkFast(made));
      assert.ok(found.includes(`note ${made.size} root`), found.join());
    }
  });

  it('names a row that is gone and one that stands twice', async () => {
    const { made, batches } = makeLog('rows.0.1');
    const [first] = batches;
    first!.rows.splice(50, 1);
    first!.rows.push({ ...first!.rows[9]!, title: 'a second one' });
    await rig.insertAll(batches);
    const found = await rig.checkFast(made);
    assert.deepEqual(named(found), ['records 50 idx', 'records 9 idx']);
    assert.deepEqual(
      found.findings.map((finding) => finding.found),
      ['2 rows', 'none'],
    );
  });

  it('names a foreign part, a doubled one, and one that nobody announced as gone', async () => {
    const { made, batches } = makeLog('parts.0.1');
    const { parts } = batches[0]!;
    const [a, b, c] = parts;
    parts.push({ ...a!, name: 'body' }, { ...b! });
    parts.splice(2, 1);
    await rig.insertAll(batches);
    const expected = [`parts ${a!.idx}/body name`, `parts ${b!.idx}/argv name`];
    assert.deepEqual(
      named(await rig.checkFast(made)),
      [...expected, `parts ${c!.idx}/argv data`].sort(),
    );
  });

  it('does not miss what has expired, and counts it', async () => {
    const made = new FixtureLog('expired.0.1');
    made.open('s');
    for (let i = 0; i < 20; i++) {
      made.event(
        's/in',
        'other',
        {},
        { parts: { body: Buffer.from(`${i}`), argv: Buffer.from('') } },
      );
    }
    const first = made.seal();
    made.own('audit', 'expire', { target: { below: first.checkpoint.size, part: 'body' } });
    made.own('audit', 'expire', { target: { below: 10, part: '*' } });
    const second = made.seal();
    first.parts = first.parts.filter(({ idx, name }) => name !== 'body' && idx >= 10);
    await rig.insertAll([first, second]);
    for (const report of [await rig.checkFast(made), await rig.check(made)]) {
      assert.deepEqual(report.findings, []);
      assert.equal(report.missingTotal, 40 - first.parts.length);
      assert.equal(report.uncoveredTotal, 0);
    }
  });

  it('believes only a note that is signed', async () => {
    const { made, batches } = makeLog('note.0.1');
    await rig.insertAll(batches);
    const foreign = new FixtureLog('foreign.0.1');
    const found = named(await rig.checkFast(made, { trust: foreign.trust }));
    assert.deepEqual(found, [`note ${made.size} signature`]);
  });
});

describe('more parts in a window than one answer may have', () => {
  it('are read in pieces', async () => {
    const rows = QUERY_ROWS_MAX + 1_000;
    await rig.admin.command(
      `INSERT INTO parts SELECT 'many', 'many.0.1', intDiv(number, 128), toString(number % 128),
       '', '' FROM numbers({rows:UInt64})`,
      { rows },
      { async_insert: 0 },
    );
    const parts = await rig.store.evidence.parts('many.0.1', 0, 131_072);
    assert.equal(parts.length, rows);
    assert.ok(
      parts.every(({ idx }, i) => idx === Math.floor(i / 128)),
      'in order',
    );
  });
});
