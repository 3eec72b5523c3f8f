import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { backUp, sourceOf, tamper } from '../fixture/backup.ts';
import { makeLog } from '../fixture/fsck.ts';
import type { FixtureBatch, FixtureLog } from '../fixture/log.ts';
import { type BackupReport, checkBackup } from './check.ts';
import { openManifest } from './manifest.ts';

const root = mkdtempSync(join(tmpdir(), 'vitrine-backup-'));
let serial = 0;

after(() => rmSync(root, { recursive: true, force: true }));

function fresh(): string {
  return join(root, String(serial++));
}

function check(dir: string, trust?: string): Promise<BackupReport> {
  return checkBackup(dir, { trust, onProgress: () => {} });
}

/** `kind place` of each fault. */
function named({ faults }: BackupReport): string[] {
  return faults.map(({ kind, place }) => `${kind} ${place}`);
}

/** Everything that is in the files of a backup, decompressed. */
function contentOf(dir: string): string {
  const folder = join(dir, 'segments');
  return readdirSync(folder)
    .map((name) => zstdDecompressSync(readFileSync(join(folder, name))).toString())
    .join('');
}

async function backedUp(): Promise<{ dir: string; made: FixtureLog; batches: FixtureBatch[] }> {
  const { made, batches } = makeLog('default.0.1');
  const dir = fresh();
  await backUp(dir, sourceOf(made, batches));
  return { dir, made, batches };
}

describe('a backup', () => {
  it('verifies offline, with the trust file of somebody else', async () => {
    const { dir, made, batches } = await backedUp();
    const report = await check(dir, made.trust);
    assert.deepEqual(named(report), []);
    assert.deepEqual(
      [report.ok, report.size, report.records, report.checkpoints],
      [true, made.size, made.size, batches.length],
    );
    const parts = batches.reduce((sum, batch) => sum + batch.parts.length, 0);
    assert.equal(report.parts, parts);
  });

  it('takes only what is new, and verifies as a whole', async () => {
    const { made, batches } = makeLog('default.0.1');
    const dir = fresh();
    const first = batches.slice(0, 1);
    const source = sourceOf(made, batches);
    const early = { ...source.subject, note: first[0]!.checkpoint.note };
    await backUp(dir, { ...source, subject: early });
    const asked: number[] = [];
    const written = await backUp(dir, {
      ...source,
      lines(table, from, end) {
        asked.push(from);
        return source.lines(table, from, end);
      },
    });
    assert.deepEqual([...new Set(asked)], [first[0]!.checkpoint.size]);
    assert.equal(written.added, made.size - first[0]!.checkpoint.size);
    assert.deepEqual(named(await check(dir, made.trust)), []);
    // Old files are gone, and only they.
    assert.equal(readdirSync(join(dir, 'segments')).length, 3 * openManifest(dir).segments.length);
  });

  it('grows over many segments, that end anywhere', async () => {
    for (const segmentLeaves of [40, 153, 306]) {
      const { made, batches } = makeLog('default.0.1');
      const dir = fresh();
      const source = sourceOf(made, batches);
      for (const { checkpoint } of batches) {
        const subject = { ...source.subject, note: checkpoint.note };
        await backUp(dir, { ...source, subject }, { segmentLeaves });
      }
      const { segments } = openManifest(dir);
      const whole = Math.floor(made.size / segmentLeaves);
      assert.equal(segments.filter(({ end }) => end % segmentLeaves === 0).length, whole);
      assert.deepEqual(named(await check(dir, made.trust)), []);
      made.own('audit', 'redact', { target: { chain: 's1/b0.host', seq: 290, part: 'argv' } });
      batches.push(made.seal());
      const written = await backUp(dir, sourceOf(made, batches), { segmentLeaves });
      assert.equal(written.erased, 1);
      assert.deepEqual(named(await check(dir, made.trust)), []);
    }
  });

  it('writes again no more than is new, and keeps the number of short segments small', async () => {
    const { made, batches, dir } = await backedUp();
    const segments = () => openManifest(dir).segments;
    const [large] = segments();
    const grow = async (records: number): Promise<void> => {
      for (let i = 0; i < records; i++) made.own('audit', 'config', { i });
      batches.push(made.seal());
      await backUp(dir, sourceOf(made, batches));
    };
    await grow(1);
    assert.equal(segments().length, 2);
    for (let run = 0; run < 60; run++) {
      await grow(1);
      assert.deepEqual(segments()[0], large, 'nothing of it is written again');
      assert.ok(segments().length <= 2 + Math.log2(run + 2), `${segments().length} segments`);
    }
    await grow(large!.end);
    assert.equal(segments().length, 1);
    assert.deepEqual(named(await check(dir, made.trust)), []);
  });

  it('is written by one at a time, and says why it cannot be', async () => {
    const { dir, made, batches } = await backedUp();
    made.own('audit', 'config', {});
    batches.push(made.seal());
    const source = sourceOf(made, batches);
    const both = await Promise.allSettled([backUp(dir, source), backUp(dir, source)]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const failed = both.find((one) => one.status === 'rejected');
    assert.equal(failed!.reason.code, 'BACKUP_BUSY');
    const file = fresh();
    writeFileSync(file, '');
    await assert.rejects(backUp(file, source), { code: 'BACKUP_UNWRITABLE' });
  });

  it('is not brought to a smaller tree, nor to another log', async () => {
    const { dir, made, batches } = await backedUp();
    const source = sourceOf(made, batches);
    const earlier = { ...source.subject, note: batches[0]!.checkpoint.note };
    const before = readFileSync(join(dir, 'manifest.json'));
    await assert.rejects(backUp(dir, { ...source, subject: earlier }), { code: 'BACKUP_AHEAD' });
    const other = makeLog('other.0.1');
    const foreign = sourceOf(other.made, other.batches);
    await assert.rejects(backUp(dir, foreign), { code: 'BACKUP_FOREIGN' });
    assert.deepEqual(readFileSync(join(dir, 'manifest.json')), before);
  });

  it('refuses what is not what was signed, and stays the backup it was', async () => {
    const { made, batches } = makeLog('default.0.1');
    const dir = fresh();
    const source = sourceOf(made, batches);
    const early = { ...source.subject, note: batches[0]!.checkpoint.note };
    await backUp(dir, { ...source, subject: early });
    const lying = {
      ...source,
      async *lines(...[table, first, end]: Parameters<typeof source.lines>) {
        for await (const line of source.lines(table, first, end)) {
          yield line.replace('"tool":{"name":"Bash"}', '"tool":{"name":"Bush"}');
        }
      },
    };
    await assert.rejects(backUp(dir, lying), { code: 'BACKUP_DAMAGED', message: /leaves \d+ to/ });
    assert.deepEqual(named(await check(dir)), []);
    assert.equal(openManifest(dir).size, batches[0]!.checkpoint.size);
  });

  it('loses what was redacted and expired since, and says so', async () => {
    const { dir, made, batches } = await backedUp();
    assert.match(contentOf(dir), /argv 290/);
    made.own('audit', 'redact', { target: { chain: 's1/b0.host', seq: 290, part: 'argv' } });
    made.own('audit', 'expire', { target: { below: 100, part: '*' } });
    batches.push(made.seal());
    const written = await backUp(dir, sourceOf(made, batches));
    const expired = batches[0]!.parts.filter(({ idx }) => idx < 100).length;
    assert.equal(written.erased, 1 + expired);
    assert.doesNotMatch(contentOf(dir), /argv 290/);
    assert.doesNotMatch(contentOf(dir), /"text":"argv 0"/);
    assert.match(contentOf(dir), /argv 280/);
    assert.deepEqual(named(await check(dir, made.trust)), []);
  });

  it('keeps parts that were deleted without a word', async () => {
    const { dir, made, batches } = await backedUp();
    const [part] = batches[0]!.parts;
    made.own('audit', 'config', {});
    batches.push(made.seal());
    await backUp(dir, sourceOf(made, batches, new Set([`${part!.idx}/${part!.name}`])));
    assert.match(contentOf(dir), /"text":"argv 0"/);
    assert.deepEqual(named(await check(dir)), []);
  });

  it('names a part that nobody has announced as gone', async () => {
    const { made, batches } = makeLog('default.0.1');
    const dir = fresh();
    const [part] = batches[0]!.parts;
    const place = `${part!.idx}/${part!.name}`;
    const { faults } = await backUp(dir, sourceOf(made, batches, new Set([place])));
    assert.deepEqual(
      faults.map((fault) => fault.place),
      [`part ${place}`],
    );
    const report = await check(dir);
    assert.deepEqual([report.ok, named(report)], [true, [`absent part ${place}`]]);
  });
});

describe('a backup that was changed', () => {
  it('names the row', async () => {
    const { dir } = await backedUp();
    const text = '"file":{"path":"/srv/17"}';
    const row = (): number => {
      const { file } = openManifest(dir).segments[0]!.tables.records;
      const lines = zstdDecompressSync(readFileSync(join(dir, file)))
        .toString()
        .split('\n');
      return lines.findIndex((line) => line.includes(text));
    };
    const idx = row();
    tamper(dir, 'records', (all) => all.replace(text, '"file":{"path":"/srv/xx"}'));
    const report = await check(dir);
    assert.equal(report.ok, false);
    assert.match(named(report)[0]!, /^lost segments\/records-/);
    assert.match(named(report)[1]!, /^lost leaves 0 to /);
    assert.equal(named(report)[2], `lost leaf ${idx}`);
  });

  it('names a row that is missing, and one too many', async () => {
    for (const change of [
      (text: string) => text.split('\n').toSpliced(40, 1).join('\n'),
      (text: string) => `${text}{"kind":"seal"}\n`,
    ]) {
      const { dir } = await backedUp();
      tamper(dir, 'records', change);
      assert.equal((await check(dir)).ok, false);
    }
  });

  it('names a part, a checkpoint and a file', async () => {
    const { dir } = await backedUp();
    tamper(dir, 'parts', (text) => text.replace('argv 10"', 'argv 11"'));
    assert.match(named(await check(dir)).join(), /lost part \d+\/argv/);
    const second = (await backedUp()).dir;
    tamper(second, 'notes', (text) =>
      text.replace(/\n$/, '').replace(/[A-Za-z](=?=?\\n"$)/, 'x$1'),
    );
    assert.equal((await check(second)).ok, false);
    const third = (await backedUp()).dir;
    rmSync(join(third, openManifest(third).segments[0]!.tables.parts.file));
    assert.match(named(await check(third))[0]!, /lost segments\/parts-/);
  });

  it('does not verify under the key of another', async () => {
    const { dir } = await backedUp();
    const report = await check(dir, 'log x.test/1/default.0.1+00000000+AAAA\nquorum none\n').catch(
      (error: Error) => error,
    );
    assert.ok(report instanceof Error || !report.ok);
    const { made } = makeLog('other.0.1');
    assert.match(named(await check(dir, made.trust))[0]!, /lost checkpoint/);
  });

  it('is refused with a manifest that is none', async () => {
    const { dir } = await backedUp();
    const path = join(dir, 'manifest.json');
    const text = readFileSync(path, 'utf8');
    for (const bad of [
      'x',
      '{}',
      text.replace('vitrine-backup/1', 'vitrine-backup/2'),
      text.replace('"segments/', '"../segments/'),
      text.replace(/"size": \d+/, '"size": 1'),
      text.replace('"files": []', '"files": [{"path":"../x","sha256":"","bytes":0}]'),
    ]) {
      writeFileSync(path, bad);
      await assert.rejects(check(dir), { code: 'BACKUP_INVALID' }, bad.slice(0, 20));
    }
    await assert.rejects(check(fresh()), { code: 'BACKUP_INVALID' });
  });
});
