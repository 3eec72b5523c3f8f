import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BACKUP_LINE_BYTES_MAX } from '@vitrine/schema';
import { backUp, sourceOf, tamper } from '../fixture/backup.ts';
import { FsckRig, makeLog } from '../fixture/fsck.ts';
import { linesOf } from './file.ts';
import { partLine, partOfLine } from './manifest.ts';

const root = mkdtempSync(join(tmpdir(), 'vitrine-restore-'));
let serial = 0;

after(() => rmSync(root, { recursive: true, force: true }));

function fresh(): string {
  return join(root, String(serial++));
}

describe('lines of a backup', () => {
  it('hold every byte of a part', () => {
    for (const data of [Buffer.from('a\n"ü\u2028'), Buffer.from([0, 255, 10]), Buffer.alloc(0)]) {
      const part = { idx: 3, name: 'n', salt: Buffer.alloc(16, 1), data };
      assert.deepEqual(partOfLine(partLine(part)), part);
      assert.ok(!partLine(part).includes('\n'));
    }
    assert.throws(() => partOfLine('{"idx":1}'), { code: 'BACKUP_DAMAGED' });
  });

  it('are no longer than any of ours', async () => {
    const read = async (bytes: number): Promise<number> => {
      async function* pieces(): AsyncGenerator<Buffer> {
        yield Buffer.alloc(bytes, 'x');
        yield Buffer.from('\n');
      }
      let lines = 0;
      for await (const _ of linesOf(pieces())) lines++;
      return lines;
    };
    assert.equal(await read(BACKUP_LINE_BYTES_MAX), 1);
    await assert.rejects(read(BACKUP_LINE_BYTES_MAX + 1), { code: 'BACKUP_DAMAGED' });
  });
});

describe('a backup put into a store', () => {
  let [from, to]: FsckRig[] = [];

  before(async () => {
    from = await FsckRig.start(fresh());
    to = await FsckRig.start(fresh());
  });

  after(async () => {
    await from!.stop();
    await to!.stop();
  });

  it('is there as it was, row by row, also the second time', async () => {
    const { made, batches } = makeLog('default.0.1');
    await from!.insertAll(batches);
    const dir = fresh();
    const { backup } = from!.store;
    const { subject } = sourceOf(made, batches);
    await backUp(dir, {
      subject,
      async *lines(table, first, end) {
        for await (const some of backup.lines(table, made.log, first, end)) yield* some;
      },
    });
    const options = { trust: made.trust, onProgress: () => {}, onAbsent: () => assert.fail() };
    for (let time = 0; time < 2; time++) {
      await to!.store.restore(dir, options);
      const report = await to!.check(made);
      assert.deepEqual(report.findings, []);
      assert.equal(report.size, made.size);
    }
  });

  it('is refused when a row of it was changed', async () => {
    const { made, batches } = makeLog('default.0.1');
    const dir = fresh();
    await backUp(dir, sourceOf(made, batches));
    tamper(dir, 'records', (text) => text.replace('/srv/17"', '/srv/xx"'));
    const options = { trust: made.trust, onProgress: () => {}, onAbsent: () => assert.fail() };
    const restored = to!.store.restore(dir, options);
    await assert.rejects(restored, {
      code: 'BACKUP_DAMAGED',
      message: /leaves 0 to .*; leaf 20: /,
    });
  });
});
