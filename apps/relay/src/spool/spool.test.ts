import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { JsonObject } from '@vitrine/schema';
import { disk, makeBed, PAGE, pathsOf, readAll, segmentsOf, tempDir } from '../../test/bed.ts';
import { readFrame } from './frame.ts';
import { Group } from './group.ts';
import { Evicted, readPage } from './page.ts';
import type { Spool } from './spool.ts';

describe('a spool after a restart', () => {
  it('still has what was not acknowledged, and a new chain that names the old one', async (t) => {
    const dir = tempDir(t);
    const first = await makeBed(t, dir, { vantages: ['agent', 'host'] });
    await first.take('agent', 'a', 'b');
    const second = await makeBed(t, dir, { vantages: ['agent', 'host'] });
    await second.take('agent', 'c');
    const third = await makeBed(t, dir, { vantages: ['agent', 'host'] });
    const reader = readAll(third.spool);
    assert.deepEqual(pathsOf(reader, 'agent'), ['a', 'b', 'c']);
    const hellos = reader.of('agent').filter(({ record }) => record.kind === 'telemetry.hello');
    const previous = hellos.map(({ record }) => record.previous);
    const tip = (bed: typeof first, seq: number) => {
      const { name, head } = bed.chain('agent').stored;
      return { chain: name, seq, head: head.toString('base64') };
    };
    assert.deepEqual(previous, [undefined, tip(first, 2), tip(second, 1)]);
    assert.equal(third.spool.chains.length, 6);
  });

  it('knows the tip of a chain of which every record is gone', async (t) => {
    const dir = tempDir(t);
    let bed = await makeBed(t, dir);
    await bed.take('agent', 'a');
    const { name, head } = bed.chain('agent').stored;
    const expected = { chain: name, seq: 1, head: head.toString('base64') };
    for (let i = 0; i < 3; i++) {
      for (const chain of bed.spool.chains) chain.acknowledge(chain.next - 1);
      await bed.custody.take('agent', () => []);
      bed = await makeBed(t, dir);
      const [hello] = readAll(bed.spool, undefined).of('agent').slice(-1);
      if (i === 0) assert.deepEqual(hello?.record.previous, expected);
      assert.ok(bed.spool.chains.length <= 3);
      assert.ok(segmentsOf(dir).length <= 3);
    }
    assert.equal(bed.spool.chain(name), undefined);
  });

  it('knows it also when the first record of the next chain was torn', async (t) => {
    const dir = tempDir(t);
    const first = await makeBed(t, dir);
    await first.take('agent', 'a');
    const { name } = first.chain('agent').stored;
    first.chain('agent').stored.acknowledge(1);
    await first.take('agent');
    await first.spool.commit(new Group());
    const [old] = segmentsOf(dir);
    const bytes = readFileSync(old!);
    await makeBed(t, dir);
    const [torn] = segmentsOf(dir).slice(-1);
    const state = readFrame(readFileSync(torn!), 0)!;
    truncateSync(torn!, state.next + 40);
    writeFileSync(old!, bytes);
    const third = await makeBed(t, dir);
    const own = { chains: [third.chain('agent').stored] } as Spool;
    const { record } = readAll(own).of('agent')[0]!;
    assert.equal((record.previous as JsonObject).chain, name);
    assert.equal(record.torn_bytes, 40);
  });

  it('names no chain of another session', async (t) => {
    const dir = tempDir(t);
    const first = await makeBed(t, dir, { session: 'one' });
    await first.take('agent', 'a');
    const second = await makeBed(t, dir, { session: 'two' });
    const reader = readAll(second.spool);
    assert.deepEqual(pathsOf(reader, 'agent'), ['a']);
    assert.equal(reader.of('agent').at(-1)?.record.previous, undefined);
  });

  it('goes on with the numbering of its shims', async (t) => {
    const dir = tempDir(t);
    const event = (seq: number) => ({
      kind: 'file.read',
      t: '5',
      fields: { source: { shim: 'strace', seq } },
      parts: {},
    });
    const first = await makeBed(t, dir);
    await first.custody.take('agent', () => [event(0), event(1)]);
    const second = await makeBed(t, dir);
    await second.custody.take('agent', () => [event(4)]);
    const third = await makeBed(t, dir);
    await third.custody.take('agent', () => [event(5)]);
    const gaps = readAll(third.spool)
      .of('agent')
      .filter(({ record }) => record.kind === 'telemetry.gap');
    assert.deepEqual(
      gaps.map(({ record: { source, from, to, reason } }) => ({ source, from, to, reason })),
      [{ source: { shim: 'strace' }, from: 2, to: 3, reason: 'shim_sequence' }],
    );
  });
});

describe('a torn or damaged spool', () => {
  it('loses nothing whole, whatever byte the tail is cut at', async (t) => {
    const dir = tempDir(t);
    const bed = await makeBed(t, dir);
    await bed.take('agent', 'a');
    const [path] = segmentsOf(dir);
    const durable = statSync(path!).size;
    await bed.take('agent', 'b');
    const whole = readFileSync(path!);
    for (let size = durable; size <= whole.length; size += 7) {
      const copy = tempDir(t);
      writeFileSync(join(copy, '0000000000000001.seg'), whole.subarray(0, size));
      const again = await makeBed(t, copy);
      const reader = readAll(again.spool);
      assert.deepEqual(pathsOf(reader, 'agent'), size === whole.length ? ['a', 'b'] : ['a']);
      const torn = size === whole.length || size === durable ? undefined : size - durable;
      assert.equal(reader.of('agent').at(-1)?.record.torn_bytes, torn);
    }
  });

  it('goes on behind garbage at the tail', async (t) => {
    const dir = tempDir(t);
    const bed = await makeBed(t, dir);
    await bed.take('agent', 'a');
    appendFileSync(segmentsOf(dir)[0]!, Buffer.alloc(5_000, 0xff));
    const again = await makeBed(t, dir);
    assert.deepEqual(pathsOf(readAll(again.spool), 'agent'), ['a']);
    assert.match(again.lines.join(), /cut 5000 torn bytes/);
    const third = await makeBed(t, dir);
    assert.deepEqual(third.lines, []);
  });

  it('says which records damage in the middle has taken', async (t) => {
    const dir = tempDir(t);
    const bed = await makeBed(t, dir);
    await bed.take('agent', 'a');
    await bed.take('agent', 'b');
    const second = await makeBed(t, dir);
    await second.take('agent', 'c');
    const [path] = segmentsOf(dir);
    const bytes = readFileSync(path!);
    bytes[bytes.indexOf('"path":"a"')] = 0;
    writeFileSync(path!, bytes);

    const third = await makeBed(t, dir);
    const name = bed.chain('agent').stored.name;
    const gap = readAllBut(third.spool, name).of('agent').at(-1)?.record;
    assert.equal(gap?.kind, 'telemetry.gap');
    assert.deepEqual(
      { target: gap.target, from: gap.from, to: gap.to, reason: gap.reason },
      { target: { chain: name }, from: 1, to: 2, reason: 'spool_damaged' },
    );
    const chain = third.spool.chain(name)!;
    assert.equal(readPage(chain, -1, PAGE).length, 1);
    assert.throws(
      () => readPage(chain, 0, PAGE),
      (error) => error instanceof Evicted && error.lost.from === 1 && error.lost.to === 2,
    );
  });
});

function readAllBut(spool: Spool, name: string) {
  const chains = spool.chains.filter((chain) => chain.name !== name);
  return readAll({ chains } as Spool);
}

describe('an answer', () => {
  it('waits for the disk', async (t) => {
    const slow = disk();
    const bed = await makeBed(t, tempDir(t), { disk: slow });
    const release = slow.hold();
    let answered = false;
    const taken = bed.take('agent', 'a').then(() => {
      answered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    const chain = bed.chain('agent').stored;
    assert.deepEqual([answered, chain.next, readPage(chain, 0, PAGE).length], [false, 1, 0]);
    release();
    await taken;
    assert.deepEqual([chain.next, readPage(chain, 0, PAGE).length], [2, 1]);
  });
});

describe('a failing disk', () => {
  for (const failing of ['write', 'sync', 'truncate', 'open'] as const) {
    it(`leaves no trace of what could not be kept (${failing})`, async (t) => {
      const dir = tempDir(t);
      const faulty = disk();
      const bed = await makeBed(t, dir, { disk: faulty });
      await bed.take('agent', 'a');
      if (failing === 'open') {
        // A new segment is opened only behind a full one.
        faulty.failing = 'sync';
        await assert.rejects(bed.take('agent', 'lost before'), { code: 'SPOOL_UNWRITABLE' });
      }
      faulty.failing = failing;
      await assert.rejects(bed.take('agent', 'lost', 'lost too'), { code: 'SPOOL_UNWRITABLE' });
      await assert.rejects(bed.take('agent', 'lost again'), { code: 'SPOOL_UNWRITABLE' });
      faulty.failing = undefined;
      await bed.take('agent', 'b', 'c');
      const reader = readAll(bed.spool);
      assert.deepEqual(pathsOf(reader, 'agent'), ['a', 'b', 'c']);
      const drop = reader.of('agent').find(({ record }) => record.kind === 'telemetry.drop');
      assert.equal(drop?.record.reason, 'spool_unwritable');
      assert.equal(drop?.record.records, failing === 'open' ? 4 : 3);

      const again = await makeBed(t, dir);
      assert.deepEqual(pathsOf(readAll(again.spool), 'agent'), ['a', 'b', 'c']);
    });
  }
});
