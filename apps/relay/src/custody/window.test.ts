/** What is answered before it is on disk, what is not, and what a failing disk does to it. */
import assert from 'node:assert/strict';
import fs, { cpSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SPOOL_UNSYNCED_BYTES_MAX } from '@vitrine/schema';
import {
  type Bed,
  type Disk,
  disk,
  fileRead,
  makeBed,
  PAGE,
  pathsOf,
  readAll,
  segmentsOf,
  tempDir,
} from '../../test/bed.ts';
import { readPage } from '../spool/page.ts';
import { recoverSpool } from '../spool/recover.ts';

/** Longer than any test of this file: what is synced in time was synced for another reason. */
const NEVER_MS = 60_000;

/** One whose first sync has been: the next bulk request is not due at once. */
async function settled(
  t: Parameters<typeof makeBed>[0],
  faulty: Disk,
  syncMs = NEVER_MS,
): Promise<{ bed: Bed; dir: string }> {
  const dir = tempDir(t);
  const bed = await makeBed(t, dir, { vantages: ['agent', 'host'], disk: faulty, syncMs });
  return { bed, dir };
}

function critical(bed: Bed, path: string): Promise<unknown> {
  return bed.custody.take('host', () => [{ ...fileRead(path), kind: 'process.exec' }]);
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(); i++) await sleep(10);
  assert.ok(holds());
}

describe('a bulk request', () => {
  it('is answered without the disk, and cannot be pulled before it is there', async (t) => {
    const slow = disk();
    const { bed } = await settled(t, slow);
    const before = slow.syncs;
    await bed.take('agent', 'a');
    await bed.take('agent', 'b');
    const chain = bed.chain('agent').stored;
    assert.deepEqual([slow.syncs, chain.next, readPage(chain, 0, PAGE).length], [before, 1, 0]);
    await bed.custody.settle();
    assert.deepEqual([slow.syncs, chain.next, readPage(chain, 0, PAGE).length], [before + 1, 3, 2]);
    assert.deepEqual(pathsOf(readAll(bed.spool), 'agent'), ['a', 'b']);
  });

  it('outlives the process that answered it', async (t) => {
    const { bed, dir } = await settled(t, disk());
    await bed.take('agent', 'a');
    // Nothing is closed or synced here: the next start finds what the kernel has.
    const again = await makeBed(t, dir);
    assert.deepEqual(pathsOf(readAll(again.spool), 'agent'), ['a']);
  });

  it('is on disk before a next process hands it out', async (t) => {
    const { bed, dir } = await settled(t, disk());
    await bed.take('agent', 'a');
    // As when the disk failed, and the segment that was begun for it got nothing either.
    fs.writeFileSync(join(dir, '0000000000000009.seg'), '');
    const real = fs.fsyncSync;
    const synced: string[] = [];
    t.mock.method(fs, 'fsyncSync', (fd: number) => {
      synced.push(fs.readlinkSync(`/proc/self/fd/${fd}`));
      real(fd);
    });
    syncBuiltinESMExports();
    t.after(syncBuiltinESMExports);
    const found = recoverSpool(dir, () => {});
    assert.deepEqual(synced, segmentsOf(dir));
    assert.ok(found.chains.some(({ next }) => next === 2));
  });

  it('is on disk in time though nothing follows it', async (t) => {
    const slow = disk();
    const { bed } = await settled(t, slow, 50);
    await bed.take('agent', 'a');
    assert.equal(bed.chain('agent').stored.next, 1);
    await until(() => bed.chain('agent').stored.next === 2);
  });

  it('is on disk when many of them wait, whatever the time', async (t) => {
    const slow = disk();
    const { bed } = await settled(t, slow);
    const before = slow.syncs;
    const heavy = { ...fileRead('h'), parts: { content: Buffer.alloc(100_000) } };
    let bytes = 0;
    for (; bytes + 100_500 < SPOOL_UNSYNCED_BYTES_MAX; bytes += 100_500) {
      await bed.custody.take('agent', () => [heavy]);
    }
    await sleep(20);
    assert.equal(slow.syncs, before);
    await bed.custody.take('agent', () => [heavy]);
    await until(() => slow.syncs === before + 1);
  });
});

describe('a request with a critical event', () => {
  it('waits for the disk, and takes along what was answered before', async (t) => {
    const slow = disk();
    const { bed } = await settled(t, slow);
    await bed.take('agent', 'a');
    const release = slow.hold();
    let answered = false;
    const taken = critical(bed, 'x').then(() => {
      answered = true;
    });
    await sleep(30);
    assert.deepEqual([answered, bed.chain('agent').stored.next], [false, 1]);
    release();
    await taken;
    assert.deepEqual([bed.chain('agent').stored.next, bed.chain('host').stored.next], [2, 2]);
  });
});

describe('a disk that fails', () => {
  it('takes nothing from what was answered, and everything waits until it works', async (t) => {
    const faulty = disk();
    const { bed, dir } = await settled(t, faulty);
    await bed.take('agent', 'a', 'b');
    faulty.failing = 'sync';
    faulty.code = 'EIO';
    await assert.rejects(critical(bed, 'x'), { code: 'SPOOL_UNWRITABLE' });
    await assert.rejects(bed.take('agent', 'lost'), { code: 'SPOOL_UNWRITABLE' });
    const copy = tempDir(t);
    cpSync(dir, copy, { recursive: true });
    const killed = await makeBed(t, copy);
    assert.deepEqual(pathsOf(readAll(killed.spool), 'agent'), ['a', 'b']);
    faulty.failing = undefined;
    // By itself: nobody sends anything.
    await until(() => bed.chain('agent').stored.next > 2);
    assert.deepEqual(pathsOf(readAll(bed.spool), 'agent'), ['a', 'b']);
    await bed.take('agent', 'c');
    await bed.custody.settle();
    const reader = readAll(bed.spool);
    assert.deepEqual(pathsOf(reader, 'agent'), ['a', 'b', 'c']);
    const drop = reader.of('agent').find(({ record }) => record.kind === 'telemetry.drop');
    assert.deepEqual([drop?.record.reason, drop?.record.records], ['spool_unwritable', 1]);
    const again = await makeBed(t, dir);
    assert.deepEqual(pathsOf(readAll(again.spool), 'agent'), ['a', 'b', 'c']);
  });

  it('does not make what cannot become a record two losses', async (t) => {
    const faulty = disk();
    const { bed } = await settled(t, faulty);
    const half = { ...fileRead('half'), fields: { file: { size: 0.5 } } };
    const send = () => bed.custody.take('agent', () => [fileRead('a'), half]);
    faulty.failing = 'write';
    await assert.rejects(send(), { code: 'SPOOL_UNWRITABLE' });
    faulty.failing = undefined;
    assert.equal((await send()).rejected, 1);
    await bed.custody.close('stop');
    const drops = readAll(bed.spool).of('agent');
    const said = drops.filter(({ record }) => record.kind === 'telemetry.drop');
    assert.deepEqual(
      said.map(({ record }) => [record.reason, record.records]),
      [
        ['spool_unwritable', 2],
        ['rejected', 1],
      ],
    );
  });

  for (const failing of ['write', 'truncate'] as const) {
    it(`leaves what was answered where it is (${failing})`, async (t) => {
      const faulty = disk();
      const { bed, dir } = await settled(t, faulty);
      await bed.take('agent', 'a');
      faulty.failing = 'write';
      if (failing === 'truncate') faulty.alsoFailing = 'truncate';
      await assert.rejects(bed.take('agent', 'lost'), { code: 'SPOOL_UNWRITABLE' });
      const copy = tempDir(t);
      cpSync(dir, copy, { recursive: true });
      const killed = await makeBed(t, copy);
      assert.deepEqual(pathsOf(readAll(killed.spool), 'agent'), ['a']);
      faulty.failing = faulty.alsoFailing = undefined;
      await bed.custody.settle();
      await bed.take('agent', 'b');
      await bed.custody.settle();
      assert.deepEqual(pathsOf(readAll(bed.spool), 'agent'), ['a', 'b']);
    });
  }
});
