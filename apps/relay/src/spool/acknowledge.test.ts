import assert from 'node:assert/strict';
import { statSync, unlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import { SPOOL_BYTES_MIN } from '@vitrine/schema';
import { disk, makeBed, PAGE, segmentsOf, tempDir } from '../../test/bed.ts';
import { readPage } from './page.ts';

/** Paths that make a record of about `bytes`. */
function large(bytes: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i).padStart(bytes, 'x'));
}

describe('what is acknowledged', () => {
  it('is deleted segment by segment, when every chain in it is done', async (t) => {
    const dir = tempDir(t);
    const bed = await makeBed(t, dir, { vantages: ['agent', 'host'], bytesMax: SPOOL_BYTES_MIN });
    await bed.take('host', 'kept');
    for (let i = 0; i < 6; i++) await bed.take('agent', ...large(1_000, 30));
    const before = segmentsOf(dir).length;
    assert.ok(before >= 3, `${before} segments`);
    const agent = bed.chain('agent').stored;
    agent.acknowledge(agent.next - 1);
    bed.custody.flush();
    await bed.take('agent', 'last');
    assert.equal(segmentsOf(dir).length, 2, 'the first, for the host, and the last');
    const host = bed.chain('host').stored;
    host.acknowledge(host.next - 1);
    bed.custody.flush();
    await bed.take('agent', 'very last');
    assert.equal(segmentsOf(dir).length, 1);
    assert.equal(bed.spool.bytes, statSync(segmentsOf(dir)[0]!).size);
  });

  it('is deleted only when the files themselves know that it was acknowledged', async (t) => {
    const dir = tempDir(t);
    const slow = disk();
    const bed = await makeBed(t, dir, { bytesMax: SPOOL_BYTES_MIN, disk: slow });
    for (let i = 0; i < 6; i++) await bed.take('agent', ...large(1_000, 30));
    const before = segmentsOf(dir).length;
    const release = slow.hold();
    const taken = bed.take('agent', 'during the ack');
    await new Promise((resolve) => setTimeout(resolve, 20));
    const agent = bed.chain('agent').stored;
    agent.acknowledge(agent.next - 1);
    release();
    await taken;
    assert.ok(segmentsOf(dir).length >= before);
    slow.failing = 'sync';
    await assert.rejects(bed.take('agent', 'x'));
    assert.ok(segmentsOf(dir).length >= before);
    slow.failing = undefined;
    await bed.take('agent', 'y');
    // The one with what came during the ack, and the new one.
    assert.equal(segmentsOf(dir).length, 2);
  });

  it('stays acknowledged after a restart', async (t) => {
    const dir = tempDir(t);
    const bed = await makeBed(t, dir);
    await bed.take('agent', 'a', 'b', 'c');
    bed.chain('agent').stored.acknowledge(2);
    await bed.take('agent', 'd');
    const again = await makeBed(t, dir);
    assert.equal(again.spool.chain(bed.chain('agent').stored.name)?.acked, 2);
  });
});

describe('a page', () => {
  it('ends at its limits, and has one record at least', async (t) => {
    const bed = await makeBed(t, tempDir(t));
    await bed.take('agent', ...large(2_000, 60));
    const chain = bed.chain('agent').stored;
    const seqs = (limits: Partial<typeof PAGE>, after = -1) => {
      return readPage(chain, after, { ...PAGE, ...limits }).map(({ seq }) => seq);
    };
    assert.equal(seqs({}).length, 61);
    assert.deepEqual(seqs({ recordsMax: 3 }), [0, 1, 2]);
    assert.deepEqual(seqs({ recordsMax: 2 }, 41), [42, 43]);
    assert.deepEqual(seqs({ bytesMax: 1 }, 41), [42]);
    const two = seqs({ bytesMax: 6_000 }, 41);
    assert.deepEqual(two, [42, 43]);
    assert.deepEqual(seqs({}, 60), []);
  });

  it('of the last commit comes from memory, byte for byte as from the disk', async (t) => {
    const dir = tempDir(t);
    const bed = await makeBed(t, dir, { vantages: ['agent', 'host'] });
    // One commit: the frames of two chains lie among one another.
    const said = ['a', 'b', 'c'].flatMap((x) => [
      bed.take('agent', x, `${x}2`),
      bed.take('host', x),
    ]);
    await Promise.all(said);
    const chains = [bed.chain('agent').stored, bed.chain('host').stored];
    const pages = () => {
      return chains.map((chain) =>
        readPage(chain, 0, PAGE).map(({ seq, log }) => [seq, log.toString('hex')]),
      );
    };
    const limited = readPage(chains[0]!, 0, { ...PAGE, recordsMax: 2 }).map(({ seq }) => seq);
    const written = pages();
    assert.deepEqual(limited, [1, 2]);
    assert.deepEqual(
      written.map((page) => page.length),
      [6, 3],
    );
    // A commit of nothing: the memory is not that of these records any more.
    bed.custody.flush();
    await bed.take('agent');
    assert.deepEqual(pages(), written);
    await bed.take('agent', 'd');
    for (const path of segmentsOf(dir)) unlinkSync(path);
    assert.equal(readPage(chains[0]!, 6, PAGE).length, 1);
    assert.throws(() => readPage(chains[0]!, 0, PAGE), { code: 'SPOOL_UNREADABLE' });
  });

  it('is refused where its records were acknowledged and are gone', async (t) => {
    const bed = await makeBed(t, tempDir(t));
    await bed.take('agent', ...large(2_000, 60));
    await bed.take('agent', ...large(2_000, 60));
    const chain = bed.chain('agent').stored;
    chain.acknowledge(80);
    assert.ok(chain.oldest > 0 && chain.oldest <= 81);
    assert.throws(() => readPage(chain, -1, PAGE), { code: 'EVICTED' });
    assert.equal(readPage(chain, 80, PAGE)[0]?.seq, 81);
  });
});
