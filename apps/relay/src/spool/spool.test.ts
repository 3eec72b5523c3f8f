import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SPOOL_BYTES_MIN } from '@vitrine/schema';
import { disk, makeBed, pathsOf, readAll, tempDir } from '../../test/bed.ts';
import { Evicted, readPage } from './page.ts';

const PAGE = { bytesMax: 1_000_000, recordsMax: 1_000 };

function segmentsOf(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith('.seg'))
    .sort()
    .map((name) => join(dir, name));
}

/** Paths that make a record of about `bytes`. */
function large(bytes: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i).padStart(bytes, 'x'));
}

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

function readAllBut(spool: Parameters<typeof readAll>[0], name: string) {
  const chains = spool.chains.filter((chain) => chain.name !== name);
  return readAll({ chains } as typeof spool);
}

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
