import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { JsonObject } from '@vitrine/schema';
import { disk, fileRead, MAC_KEY, makeBed, tempDir } from '../../test/bed.ts';
import { Reader } from '../../test/reader.ts';
import { errorOf, page, serve, VANTAGES } from '../../test/served.ts';
import { startHeartbeat } from '../heartbeat.ts';

describe('ack', () => {
  it('is cumulative, repeatable, and never ahead of what was delivered', async (t) => {
    const { bed, post, info, agent } = await serve(t);
    await bed.take('agent', 'a', 'b', 'c');
    await post('pull', { chain: agent, after_seq: -1, max_records: 3 });
    assert.deepEqual(errorOf(await post('ack', { chain: agent, seq: 3 })), [409, 'ack_ahead']);
    for (const seq of [1, 1, 0, 2]) {
      assert.equal((await post('ack', { chain: agent, seq })).status, 204);
    }
    assert.equal((await info()).chains[0]?.acked_seq, 2);
    const unknown = await post('ack', { chain: 's1/no', seq: 0 });
    assert.deepEqual(errorOf(unknown), [404, 'unknown_chain']);
    assert.deepEqual(errorOf(await post('ack', { chain: agent, seq: -1 })), [400, 'bad_request']);
  });
});

describe('info', () => {
  it('tells chains, spool and shims', async (t) => {
    const { bed, info, agent, host } = await serve(t);
    const source = { shim: 'strace', seq: 0 };
    await bed.custody.take('agent', () => [
      { kind: 'other', t: '1', fields: { source }, parts: {} },
    ]);
    const lost = Array.from({ length: 7 }, () => fileRead('lost'));
    bed.custody.drops.count('agent', 'spool_full', lost);
    const said = await info();
    const { first } = bed.chain('agent').stored;
    const chain = { vantage: 'agent', acked_seq: -1, oldest_seq: 0, next_seq: 2 };
    assert.deepEqual(said.chains[0], {
      ...chain,
      chain: agent,
      first: first?.toString('base64'),
    });
    assert.equal(said.chains[1]?.chain, host);
    const [shim] = said.shims as JsonObject[];
    assert.deepEqual(
      { ...shim, last_seen_ns: 0 },
      {
        ...{ name: 'strace', vantage: 'agent', last_seq: 0, last_seen_ns: 0 },
      },
    );
    const { proto, session, boot, spool_bytes, spool_cap, dropped_total, clock_ns, draining } =
      said;
    assert.deepEqual([proto, session, boot, clock_ns], ['OPP/1', 's1', 'b0', '99']);
    assert.deepEqual([spool_bytes, spool_cap], [bed.spool.bytes, bed.spool.bytesMax]);
    assert.deepEqual([dropped_total, draining], [7, false]);
  });

  it('lists chains of earlier starts until they are acknowledged', async (t) => {
    const dir = tempDir(t);
    const before = await makeBed(t, join(dir, 'spool'));
    await before.take('agent', 'a');
    const { post, info, agent } = await serve(t, {}, dir);
    const old = before.chain('agent').stored.name;
    const agents = ({ vantage }: JsonObject) => vantage === 'agent';
    const names = async () => (await info()).chains.filter(agents).map(({ chain }) => chain);
    assert.deepEqual(await names(), [old, agent]);
    // Delivered by the process before: its ack may come here.
    assert.equal((await post('ack', { chain: old, seq: 1 })).status, 204);
    assert.deepEqual(await names(), [agent]);
    assert.equal((await post('ack', { chain: old, seq: 1 })).status, 204);
  });
});

describe('drain', () => {
  it('ends every chain and says where', async (t) => {
    const { bed, post, info, agent, host } = await serve(t);
    const last = bed.take('agent', 'a');
    const waiting = post('pull', { chain: host, after_seq: 0, wait_ms: 20_000 });
    const answer = await post('drain');
    await last;
    const chains = [
      { chain: agent, seq: 2 },
      { chain: host, seq: 1 },
    ];
    assert.deepEqual([answer.status, JSON.parse(answer.body.toString())], [200, { chains }]);
    assert.equal((await info()).draining, true);
    assert.deepEqual(page(await waiting), [host, '1', '1', '0']);
    assert.deepEqual(JSON.parse((await post('drain')).body.toString()), { chains });
    const { body } = await post('pull', { chain: agent, after_seq: -1 });
    const reader = new Reader(MAC_KEY);
    reader.take(agent, body);
    assert.deepEqual(reader.of('agent').at(-1)?.record.count, 3);
  });

  it('can be repeated when the disk failed', async (t) => {
    const faulty = disk();
    const { bed, post } = await serve(t, { disk: faulty });
    await bed.take('agent', 'a');
    faulty.failing = 'sync';
    assert.deepEqual(errorOf(await post('drain')), [503, 'spool_unwritable']);
    faulty.failing = undefined;
    const answer = await post('drain');
    assert.equal(answer.status, 200);
    const { chains } = JSON.parse(answer.body.toString()) as { chains: JsonObject[] };
    assert.deepEqual(
      chains.map(({ seq }) => seq),
      [2, 1],
    );
  });
});

describe('the heartbeat', () => {
  it('tells what each vantage heard, until the chain ends', async (t) => {
    const { bed, post, agent } = await serve(t);
    const { spool, custody, shims } = bed;
    const source = { shim: 'strace', seq: 0 };
    await custody.take('agent', () => [{ kind: 'other', t: '1', fields: { source }, parts: {} }]);
    const chains = VANTAGES.map((vantage) => bed.chain(vantage));
    t.after(startHeartbeat({ spool, custody, chains, shims, everyMs: 5 }));
    await post('pull', { chain: agent, after_seq: 2, wait_ms: 5_000 });
    await post('drain');
    await new Promise((resolve) => setTimeout(resolve, 20));
    const reader = new Reader(MAC_KEY);
    for (const chain of chains) {
      const { name } = chain.stored;
      reader.take(name, (await post('pull', { chain: name, after_seq: -1 })).body);
    }
    const beats = (vantage: string) => {
      return reader.of(vantage).filter(({ record }) => record.kind === 'telemetry.heartbeat');
    };
    const { shims: heard, spool: size, dropped } = beats('agent')[0]!.record;
    assert.deepEqual(
      (heard as JsonObject[]).map(({ name, last_seq, records }) => [name, last_seq, records]),
      [['strace', 0, 1]],
    );
    assert.equal((size as JsonObject).cap, spool.bytesMax);
    assert.equal(dropped, 0);
    assert.deepEqual(beats('host')[0]!.record.shims, []);
    assert.equal(reader.kinds('agent').at(-1), 'telemetry.bye');
  });
});
