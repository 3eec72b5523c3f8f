import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  DROP_NAMES_MAX,
  type SandboxEvent,
  SchemaError,
  SPOOL_AGENT_SHARE,
  SPOOL_BULK_PART,
  SPOOL_BYTES_MIN,
  SPOOL_INTAKE_SHARE,
  type Vantage,
} from '@vitrine/schema';
import { type Bed, fileRead, makeBed, pathsOf, readAll, tempDir } from '../../test/bed.ts';
import type { Reader } from '../../test/reader.ts';

function fieldsOf(bed: Bed, kind: string, reader?: Reader) {
  const own = ['kind', 'parts', 'prev', 'seq', 'session', 'shim', 't', 'v'];
  return readAll(bed.spool, reader)
    .of('agent')
    .filter(({ record }) => record.kind === kind)
    .map(({ record }) => {
      return Object.fromEntries(Object.entries(record).filter(([name]) => !own.includes(name)));
    });
}

/** A record of about ten kilobytes, most of it in a part. */
function heavy(name: string): SandboxEvent {
  return { ...fileRead(name), parts: { content: Buffer.alloc(10_000, name) } };
}

describe('Custody', () => {
  it('keeps the order of each vantage in its own chain', async (t) => {
    const bed = await makeBed(t, tempDir(t), { vantages: ['agent', 'host'] });
    const taken = [
      bed.take('agent', 'a', 'b'),
      bed.take('host', 'h'),
      bed.take('agent', 'c'),
      bed.take('agent'),
    ];
    const accepted = (await Promise.all(taken)) as { accepted: number }[];
    assert.deepEqual(
      accepted.map((one) => one.accepted),
      [2, 1, 1, 0],
    );
    const reader = readAll(bed.spool);
    assert.deepEqual(pathsOf(reader, 'agent'), ['a', 'b', 'c']);
    assert.deepEqual(pathsOf(reader, 'host'), ['h']);
  });

  it('keeps nothing of a request it cannot read, and says so later', async (t) => {
    let now = 1_000_000_000_000n;
    const bed = await makeBed(t, tempDir(t), { now: () => now });
    const unreadable = (code: 'OTLP_MALFORMED' | 'OTLP_TOO_LARGE') => {
      return bed.custody.take('agent', () => {
        throw new SchemaError(code, 'no');
      });
    };
    await assert.rejects(unreadable('OTLP_MALFORMED'), { code: 'OTLP_MALFORMED' });
    now += 1_000_000_000n;
    await assert.rejects(unreadable('OTLP_TOO_LARGE'), { code: 'OTLP_TOO_LARGE' });
    now += 1_000_000_000n;
    await bed.take('agent', 'a');
    const [malformed, large] = fieldsOf(bed, 'telemetry.drop');
    const from = '1000000000000';
    assert.deepEqual(malformed, { reason: 'malformed', requests: 1, records: 0, from, to: from });
    assert.equal(large?.reason, 'too_large');
  });

  it('writes what was refused at most once a second', async (t) => {
    let now = 1_000_000_000_000n;
    const bed = await makeBed(t, tempDir(t), { now: () => now });
    for (let i = 0; i < 5; i++) {
      bed.custody.drops.count('agent', 'overload');
      await bed.take('agent', `${i}`);
    }
    assert.equal(fieldsOf(bed, 'telemetry.drop').length, 1);
    now += 1_000_000_000n;
    await bed.take('agent', 'later');
    const counts = fieldsOf(bed, 'telemetry.drop').map(({ requests }) => requests);
    assert.deepEqual(counts, [1, 4]);
    assert.equal(bed.custody.drops.total, 5);
  });

  it('rejects a single event that no page could carry, and takes the others', async (t) => {
    const bed = await makeBed(t, tempDir(t));
    const parts = Object.fromEntries(
      ['a', 'b', 'c', 'd'].map((name) => [name, Buffer.alloc(1_048_576)]),
    );
    const events = [fileRead('before'), { ...fileRead('huge'), parts }, fileRead('after')];
    const taken = await bed.custody.take('agent', () => events);
    assert.deepEqual([taken.accepted, taken.rejected], [2, 1]);
    assert.match(taken.first, /record 1 of the request: .* 4194304 at most/);
    assert.deepEqual(pathsOf(readAll(bed.spool), 'agent'), ['before', 'after']);
    await bed.take('agent', 'next');
    assert.equal(fieldsOf(bed, 'telemetry.drop')[0]?.reason, 'rejected');
  });

  it('keeps the session a source names as the word of the agent', async (t) => {
    const bed = await makeBed(t, tempDir(t));
    const named = (fields: SandboxEvent['fields'], session: string) => {
      return { ...fileRead('x'), session, fields: { source: {}, ...fields } };
    };
    await bed.custody.take('agent', () => [
      named({}, 'one'),
      named({ agent: { id: 'main' } }, 'two'),
      named({ agent: { session: 'other' } }, 'three'),
      named({ agent: 'main' }, 'x'.repeat(300)),
    ]);
    const records = fieldsOf(bed, 'file.read').map(({ agent, source }) => ({ agent, source }));
    assert.deepEqual(records, [
      { agent: { session: 'one' }, source: {} },
      { agent: { id: 'main', session: 'two' }, source: {} },
      { agent: { session: 'other' }, source: { session: 'three' } },
      { agent: 'main', source: { session: 'x'.repeat(256) } },
    ]);
  });

  it('gives an event without a time the time of its custody', async (t) => {
    const bed = await makeBed(t, tempDir(t), { now: () => 77n });
    await bed.custody.take('agent', () => [{ ...fileRead('x'), t: '0' }, fileRead('y')]);
    const times = readAll(bed.spool)
      .of('agent')
      .map(({ record }) => record.t);
    assert.deepEqual(times, ['77', '77', '5']);
  });
});

describe('a full spool', () => {
  /** With reads of files, or until what is critical is refused as well. */
  async function fill(bed: Bed, vantage: 'agent' | 'host', kind = 'file.read'): Promise<number> {
    let refused = 0;
    for (let i = 0; i < 100 && refused === 0; i++) {
      await bed.custody
        .take(vantage, () => [heavy('h'), { ...heavy('h'), kind }])
        .catch((error: unknown) => {
          assert.equal((error as { code: string }).code, 'SPOOL_FULL');
          refused++;
        });
    }
    assert.equal(refused, 1);
    return bed.spool.bytes / bed.spool.bytesMax;
  }

  it('refuses the agent first, then all intakes, and never the relay itself', async (t) => {
    const vantages: Vantage[] = ['agent', 'host'];
    const bed = await makeBed(t, tempDir(t), { vantages, bytesMax: SPOOL_BYTES_MIN });
    const isJustBelow = (is: number, share: number): void => {
      assert.ok(is <= share && is > share - 0.03, `${is} of ${share}`);
    };
    isJustBelow(await fill(bed, 'agent'), SPOOL_AGENT_SHARE * SPOOL_BULK_PART);
    isJustBelow(await fill(bed, 'agent', 'process.exec'), SPOOL_AGENT_SHARE);
    isJustBelow(await fill(bed, 'host'), SPOOL_INTAKE_SHARE * SPOOL_BULK_PART);
    isJustBelow(await fill(bed, 'host', 'file.delete'), SPOOL_INTAKE_SHARE);
    await assert.rejects(
      bed.custody.take('agent', () => [heavy('h')]),
      { code: 'SPOOL_FULL' },
    );
    await assert.rejects(
      bed.custody.take('host', () => [heavy('h'), heavy('h')]),
      { code: 'SPOOL_FULL' },
    );
    await bed.custody.close('drain');
    assert.equal(readAll(bed.spool).kinds('agent').at(-1), 'telemetry.bye');
  });

  it('keeps nothing of what it refuses, and counts it once there is room again', async (t) => {
    let ns = 0n;
    const now = (): bigint => (ns += 2_000_000_000n);
    const bed = await makeBed(t, tempDir(t), { bytesMax: SPOOL_BYTES_MIN, now });
    await fill(bed, 'agent');
    await assert.rejects(bed.custody.take('agent', () => [heavy('x'), heavy('y'), heavy('z')]));
    const chain = bed.chain('agent').stored;
    const reader = readAll(bed.spool);
    chain.acknowledge(chain.next - 1);
    bed.custody.flush();
    await bed.take('agent', 'frees what was acknowledged');
    await bed.take('agent', 'room again');
    const drops = fieldsOf(bed, 'telemetry.drop', reader).map((drop) => {
      const { reason, requests, records, kinds } = drop;
      assert.deepEqual(kinds, [{ kind: 'file.read', records }]);
      return [reason, requests, records];
    });
    // The first at once, for the relay might be killed before there is room.
    assert.deepEqual(drops, [
      ['spool_full', 1, 2],
      ['spool_full', 1, 3],
    ]);
    assert.deepEqual(pathsOf(reader, 'agent').at(-1), 'room again');
    assert.equal(reader.of('agent').at(-1)?.record.seq, chain.next - 1);
  });

  it('says which kinds and which numbers of which shims were refused', async (t) => {
    let ns = 0n;
    const now = (): bigint => (ns += 2_000_000_000n);
    const bed = await makeBed(t, tempDir(t), { bytesMax: SPOOL_BYTES_MIN, now });
    await fill(bed, 'agent');
    const numbered = (kind: string, shim: string, seq: number): SandboxEvent => {
      return { ...heavy('x'), kind, fields: { source: { shim, seq } } };
    };
    const first = [numbered('file.read', 'strace', 7), numbered('tool.call', 'sdk', 3)];
    const second = Array.from({ length: DROP_NAMES_MAX + 1 }, (_, i) => {
      return numbered('file.read', i === 0 ? 'strace' : `other-${i}`, 5);
    });
    for (const events of [first, second]) {
      await assert.rejects(
        bed.custody.take('agent', () => events),
        { code: 'SPOOL_FULL' },
      );
    }
    await bed.custody.close('drain');
    const last = fieldsOf(bed, 'telemetry.drop').at(-1);
    assert.deepEqual(last?.kinds, [
      { kind: 'file.read', records: DROP_NAMES_MAX + 2 },
      { kind: 'tool.call', records: 1 },
    ]);
    const shims = last?.shims as { name: string; first: number; last: number }[];
    assert.equal(shims.length, DROP_NAMES_MAX);
    assert.deepEqual(shims[0], { name: 'strace', first: 5, last: 7 });
  });

  it('refuses for good what would not even fit an empty spool', async (t) => {
    const bed = await makeBed(t, tempDir(t), { bytesMax: SPOOL_BYTES_MIN });
    const events = (count: number) => Array.from({ length: count }, () => heavy('x'));
    await assert.rejects(
      bed.custody.take('agent', () => events(72)),
      { code: 'OTLP_TOO_LARGE' },
    );
    await bed.custody.take('agent', () => events(60));
    await assert.rejects(
      bed.custody.take('agent', () => events(60)),
      { code: 'SPOOL_FULL' },
    );
    const drop = readAll(bed.spool)
      .of('agent')
      .find(({ record }) => record.reason === 'too_large');
    assert.equal(drop?.record.records, 72);
  });

  it('refuses one request of a commit and keeps those beside it', async (t) => {
    const bed = await makeBed(t, tempDir(t), { bytesMax: SPOOL_BYTES_MIN });
    const huge = Array.from({ length: 60 }, () => heavy('x'));
    await bed.custody.take('agent', () => Array.from({ length: 30 }, () => heavy('h')));
    const taken = await Promise.allSettled([
      bed.take('agent', 'a'),
      bed.custody.take('agent', () => huge),
    ]);
    assert.deepEqual(
      taken.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    assert.equal(bed.chain('agent').stored.next, 32);
    await bed.take('agent', 'b');
    assert.deepEqual(pathsOf(readAll(bed.spool), 'agent').slice(30), ['a', 'b']);
  });

  it('takes a gap back together with the request that showed it', async (t) => {
    const bed = await makeBed(t, tempDir(t), { bytesMax: SPOOL_BYTES_MIN });
    const numbered = (seq: number) => fileRead('n', { shim: 'strace', seq });
    await bed.custody.take('agent', () => [numbered(0)]);
    await bed.custody.take('agent', () => Array.from({ length: 30 }, () => heavy('h')));
    const tooMuch = [numbered(5), ...Array.from({ length: 60 }, () => heavy('x'))];
    await assert.rejects(
      bed.custody.take('agent', () => tooMuch),
      { code: 'SPOOL_FULL' },
    );
    assert.equal(bed.shims.all[0]?.last, 0);
    await bed.custody.take('agent', () => [numbered(5)]);
    const gaps = fieldsOf(bed, 'telemetry.gap').map(({ from, to }) => [from, to]);
    assert.deepEqual(gaps, [[1, 4]]);
  });
});

describe('the end of a chain', () => {
  it('comes behind what waits, once, and nothing follows it', async (t) => {
    const bed = await makeBed(t, tempDir(t), { vantages: ['agent', 'host'] });
    const last = bed.take('agent', 'a', 'b');
    bed.custody.drops.count('agent', 'overload');
    await Promise.all([bed.custody.close('drain'), last]);
    await bed.custody.close('stop');
    await assert.rejects(bed.take('agent', 'c'), { code: 'DRAINING' });
    const reader = readAll(bed.spool);
    const kinds = ['telemetry.hello', 'file.read', 'file.read', 'telemetry.drop', 'telemetry.bye'];
    assert.deepEqual(reader.kinds('agent').toSorted(), kinds.toSorted());
    assert.equal(reader.kinds('agent').at(-1), 'telemetry.bye');
    assert.deepEqual(reader.kinds('host'), ['telemetry.hello', 'telemetry.bye']);
    assert.deepEqual(fieldsOf(bed, 'telemetry.bye'), [{ count: 5, reason: 'drain' }]);
  });
});
