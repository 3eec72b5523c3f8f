import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BATCH_RECORDS_MAX } from '@vitrine/schema';
import { FsckRig, makeLog, named } from '../fixture/fsck.ts';
import { type FixtureBatch, FixtureLog } from '../fixture/log.ts';

let rig: FsckRig;

before(async () => {
  rig = await FsckRig.start(mkdtempSync(join(tmpdir(), 'vitrine-fsck-')));
});

after(() => rig.stop());

describe('evidence that was changed', () => {
  it('a record: its leaf hash and the next link', async () => {
    const { made, batches } = makeLog('record.0.1');
    const rows = batches[0]!.rows;
    const record = rows[50]!.record.replace('/srv/', '/SRV/');
    rows[50] = { ...rows[50]!, record };
    await rig.insertAll(batches);
    const found = named(await rig.check(made));
    assert.deepEqual(found, ['records 50 leaf', 'records 50 title', 'records 51 record']);
  });

  it('a record that is no JSON any more', async () => {
    const { made, batches } = makeLog('garbage.0.1');
    batches[0]!.rows[50] = { ...batches[0]!.rows[50]!, record: '{"kind":"file.open"' };
    await rig.insertAll(batches);
    const found = named(await rig.check(made));
    assert.ok(found.includes('records 50 leaf') && found.includes('records 50 record'));
  });

  it('a row that is gone, and one that stands twice', async () => {
    const { made, batches } = makeLog('rows.0.1');
    batches[0]!.rows.splice(50, 1);
    const doubled = { ...batches[0]!.rows[9]!, title: 'a second one' };
    batches[0]!.rows.push(doubled);
    await rig.insertAll(batches);
    const found = named(await rig.check(made));
    assert.ok(found.includes('records 50 idx'));
    assert.ok(found.includes('records 9 idx'));
  });

  it('a part: bytes, salt, tenant, a foreign one; a missing one is listed', async () => {
    const { made, batches } = makeLog('parts.0.1');
    const { parts } = batches[0]!;
    parts[0] = { ...parts[0]!, data: Buffer.from('other') };
    parts[1] = { ...parts[1]!, salt: Buffer.alloc(16) };
    parts[2] = { ...parts[2]!, tenant: 'x' };
    parts[3] = { ...parts[3]!, name: 'body' };
    const gone = parts.splice(5, 1)[0]!;
    parts.push(parts[6]!);
    await rig.insertAll(batches);
    const report = await rig.check(made);
    assert.deepEqual(
      named(report),
      [
        `parts ${parts[0]!.idx}/argv data`,
        `parts ${parts[1]!.idx}/argv data`,
        `parts ${parts[2]!.idx}/argv tenant`,
        `parts ${parts[3]!.idx}/argv data`,
        `parts ${parts[3]!.idx}/body name`,
        `parts ${gone.idx}/argv data`,
        `parts ${parts[6]!.idx}/argv name`,
      ].sort(),
    );
    assert.deepEqual(report.missingParts, [
      { index: parts[3]!.idx, name: 'argv', covered: false },
      { index: gone.idx, name: 'argv', covered: false },
    ]);
  });

  it('a tile that differs, is gone, or stands twice', async () => {
    const { made, batches } = makeLog('tiles.0.1');
    const [tile] = batches[0]!.tiles;
    const hashes = Buffer.from(tile!.hashes);
    hashes[100]! ^= 1;
    batches[0]!.tiles.push({ ...tile!, hashes });
    await rig.insertAll(batches);
    assert.deepEqual(named(await rig.check(made)), ['tiles 0/0 hashes', 'tiles 0/0 n']);
    const other = makeLog('no-tile.0.1');
    other.batches[0]!.tiles = [];
    await rig.insertAll(other.batches);
    assert.deepEqual(named(await rig.check(other.made)), ['tiles 0/0 n']);
  });

  it('a checkpoint: root, size, note, one too many, one too few', async () => {
    const { made, batches } = makeLog('checkpoints.0.1');
    const [first, second, third, fourth] = batches as [
      FixtureBatch,
      FixtureBatch,
      FixtureBatch,
      FixtureBatch,
    ];
    first.checkpoint = { ...first.checkpoint, root: Buffer.alloc(32) };
    second.checkpoint = { ...second.checkpoint, note: forged(second.checkpoint.note) };
    const { size } = fourth.checkpoint;
    fourth.checkpoint = { ...fourth.checkpoint, size: size - 1 };
    await rig.insertAll([first, second, third, fourth]);
    const found = named(await rig.check(made));
    assert.deepEqual(found, [
      `checkpoints ${first.checkpoint.size} root`,
      `checkpoints ${second.checkpoint.size} note`,
      `checkpoints ${size - 1} size`,
      `checkpoints ${size} size`,
    ]);
  });

  it('rows that no tree has, beyond the batch that may be on its way', async () => {
    const { made, batches } = makeLog('beyond.0.1');
    const [first] = batches;
    const far = made.size + 2 * BATCH_RECORDS_MAX;
    const [near] = [{ ...first!.rows[20]!, idx: far - 1 }];
    first!.rows.push({ ...first!.rows[20]!, idx: far }, near!);
    first!.parts.push({ ...first!.parts[0]!, idx: far });
    first!.tiles.push({ ...first!.tiles[0]!, n: far }, { ...first!.tiles[0]!, level: 3 });
    await rig.insertAll(batches);
    const { log, note } = made;
    await rig.insertCheckpoint({ log, size: far + 1, root: Buffer.alloc(32), note });
    assert.deepEqual(named(await rig.check(made)), [
      `checkpoints ${far + 1} idx`,
      `parts ${far} idx`,
      `records ${far} idx`,
      `tiles 0/${far} idx`,
      'tiles 3/0 idx',
    ]);
  });

  it('a second history under one size', async () => {
    const { made, batches } = makeLog('split.0.1');
    await rig.insertAll(batches);
    const { log, size, note } = batches[0]!.checkpoint;
    const root = Buffer.alloc(32, 1);
    await rig.insertCheckpoint({ log, size, root, note });
    const report = await rig.check(made);
    const places = named(report);
    assert.ok(
      places.includes(`checkpoints ${size} size`) && places.includes(`checkpoints ${size} root`),
    );
    assert.ok(report.findings.some(({ found }) => found === 'two roots of one size'));
  });

  it('the newest note: foreign, unsigned, of another tree', async () => {
    const { made, batches } = makeLog('note.0.1');
    await rig.insertAll(batches);
    const foreign = new FixtureLog('foreign.0.1');
    assert.ok(
      named(await rig.check(made, { trust: foreign.trust })).includes(
        `note ${made.size} signature`,
      ),
    );
    const unsigned = await rig.check(made, { note: forged(made.note) });
    assert.deepEqual(named(unsigned), [`note ${made.size} signature`]);
    const elsewhere = await rig.check(made, { origin: 'x/00000000/note.0.1' });
    assert.ok(named(elsewhere).includes(`note ${made.size} origin`));
    const twin = makeLog('note.0.1');
    twin.made.event('s2/in', 'other', {});
    await rig.insertAll([twin.made.seal()]);
    const fork = new FixtureLog('note.0.1');
    for (let i = 0; i < made.size - 1; i++) fork.own('audit', 'access', {});
    fork.seal();
    assert.equal((await rig.check(made)).ok, true);
    const other = await rig.check(made, { note: fork.note });
    assert.deepEqual(
      named(other).filter((at) => at.startsWith('note')),
      [`note ${fork.size} root`],
    );
    const garbage = await rig.check(made, { note: 'nothing' });
    assert.deepEqual(named(garbage), ['note newest note']);
  });
});

describe('what the sequencer must not do', () => {
  it('is named: seals, heads, joins, ends, admit runs', async () => {
    const made = new FixtureLog('rules.0.1');
    made.open('s1');
    made.event('s1/b0.host', 'other', {});
    made.event('s1/b0.host', 'other', {});
    made.misdo = { heads: true };
    const first = made.seal();
    made.misdo = { join: true };
    made.event('s1/b1.host', 'other', {});
    made.misdo = { run: true };
    const second = made.seal();
    made.misdo = { end: true };
    made.end('s1/b0.host');
    made.event('s1/b0.host', 'other', {});
    made.misdo = {};
    const third = made.seal();
    await rig.insertAll([first, second, third]);
    const report = await rig.check(made);
    const said = report.findings.map((finding) => `${finding.index} ${finding.column}`);
    const indexOf = (text: string): number =>
      made.rows.find(({ record }) => record.includes(text))!.idx;
    assert.ok(said.includes(`${first.checkpoint.size - 1} heads`));
    const unjoined = indexOf('"shim":"b1.host"');
    assert.ok(said.includes(`${unjoined} join`), said.join());
    assert.ok(said.includes(`${unjoined} runs`), said.join());
    assert.ok(said.includes(`${indexOf('"kind":"end"')} target`), said.join());
  });
});

/** The same note with one other character in the middle of its signature. */
function forged(note: string): string {
  const at = note.lastIndexOf(' ') + 50;
  return note.slice(0, at) + (note[at] === 'A' ? 'B' : 'A') + note.slice(at + 1);
}
