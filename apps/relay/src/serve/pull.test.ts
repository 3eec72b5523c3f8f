import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type JsonObject, OPP_REQUEST_BYTES_MAX, SPOOL_BYTES_MIN } from '@vitrine/schema';
import { MAC_KEY, makeBed, pathsOf, segmentsOf, tempDir } from '../../test/bed.ts';
import { Reader } from '../../test/reader.ts';
import { errorOf, page, serve } from '../../test/served.ts';

describe('pull', () => {
  it('gives a chain from where the puller is, page by page', async (t) => {
    const { bed, post, agent } = await serve(t);
    await bed.take('agent', 'a', 'b', 'c', 'd');
    const reader = new Reader(MAC_KEY);
    const first = await post('pull', { chain: agent, after_seq: -1, max_records: 3 });
    assert.equal(first.headers['content-type'], 'application/x-protobuf');
    assert.deepEqual(page(first), [agent, '0', '2', '1']);
    reader.take(agent, first.body);
    const second = await post('pull', { chain: agent, after_seq: 2 });
    assert.deepEqual(page(second), [agent, '3', '4', '0']);
    reader.take(agent, second.body);
    assert.deepEqual(pathsOf(reader, 'agent'), ['a', 'b', 'c', 'd']);
    const empty = await post('pull', { chain: agent, after_seq: 4 });
    assert.deepEqual([empty.status, empty.body.length], [200, 0]);
    assert.deepEqual(page(empty), [undefined, undefined, undefined, '0']);
  });

  it('waits for what comes, and not longer than it is asked to', async (t) => {
    const { bed, post, agent } = await serve(t);
    const began = performance.now();
    const nothing = await post('pull', { chain: agent, after_seq: 0, wait_ms: 60 });
    assert.equal(nothing.body.length, 0);
    assert.ok(performance.now() - began >= 55);
    const waiting = post('pull', { chain: agent, after_seq: 0, wait_ms: 20_000 });
    await bed.take('host', 'not this chain');
    await bed.take('agent', 'a');
    assert.deepEqual(page(await waiting), [agent, '1', '1', '0']);
  });

  it('lets a waiting puller go when it gives up or the relay ends', async (t) => {
    const { bell, post, agent } = await serve(t);
    const gone = new AbortController();
    const given = post('pull', { chain: agent, after_seq: 0, wait_ms: 20_000 }, gone.signal);
    const ended = post('pull', { chain: agent, after_seq: 0, wait_ms: 20_000 });
    setTimeout(() => gone.abort(), 20);
    await assert.rejects(given, { name: 'AbortError' });
    bell.close();
    assert.equal((await ended).body.length, 0);
  });

  it('goes round all chains when asked for any', async (t) => {
    const { bed, post, agent, host } = await serve(t);
    await bed.take('agent', 'a', 'b', 'c');
    await bed.take('host', 'h', 'i');
    const after: Record<string, number> = {};
    const seen: unknown[] = [];
    for (let i = 0; i < 6; i++) {
      const answer = await post('pull', { chain: '*', after, max_records: 2 });
      seen.push(page(answer).join(' '));
      const last = answer.headers['opp-last-seq'];
      if (last !== undefined) after[String(answer.headers['opp-chain'])] = Number(last);
    }
    assert.deepEqual(seen, [
      `${agent} 0 1 1`,
      `${host} 0 1 1`,
      `${agent} 2 3 1`,
      `${host} 2 2 0`,
      '   0',
      '   0',
    ]);
    const waiting = post('pull', { chain: '*', after, wait_ms: 20_000 });
    await bed.take('host', 'j');
    assert.deepEqual(page(await waiting), [host, '3', '3', '0']);
  });

  it('steps over a hole when asked for any chain, not when asked for one', async (t) => {
    const dir = tempDir(t);
    const spool = join(dir, 'spool');
    const bytesMax = SPOOL_BYTES_MIN;
    const before = await makeBed(t, spool, { vantages: ['agent'], bytesMax });
    const paths = Array.from({ length: 30 }, (_, i) => `${i}-`.padEnd(1_000, 'x'));
    for (let i = 0; i < 6; i++) await before.take('agent', ...paths);
    const [first, second, third] = segmentsOf(spool);
    for (const segment of [first!, third!]) {
      const bytes = readFileSync(segment);
      bytes[bytes.indexOf('"path":"20-')] = 0;
      writeFileSync(segment, bytes);
    }
    assert.ok(second !== undefined);
    const { post, agent, host } = await serve(t, { bytesMax }, dir);
    const old = before.chain('agent').stored.name;
    const seen: [unknown, number, number][] = [];
    const after: Record<string, number> = {};
    for (;;) {
      const { headers } = await post('pull', { chain: '*', after });
      const chain = headers['opp-chain'];
      if (chain === undefined) break;
      after[String(chain)] = Number(headers['opp-last-seq']);
      seen.push([chain, Number(headers['opp-first-seq']), Number(headers['opp-last-seq'])]);
    }
    const pages = seen.filter(([chain]) => chain === old);
    // Up to the first hole; from there to the second, which reaches to the end.
    assert.deepEqual(pages, [
      [old, 0, 20],
      [old, 61, 140],
    ]);
    assert.deepEqual(new Set(seen.map(([chain]) => chain)), new Set([old, agent, host]));
    const one = await post('pull', { chain: old, after_seq: 20 });
    assert.deepEqual(errorOf(one), [410, 'evicted']);
    const { lost_from, lost_to } = JSON.parse(one.body.toString()) as JsonObject;
    assert.deepEqual([lost_from, lost_to], [21, 60]);
  });

  it('answers what is wrong with a request', async (t) => {
    const { post, agent } = await serve(t);
    const bad = [
      '',
      '[]',
      '{"chain":',
      {},
      { chain: 1 },
      { chain: agent },
      { chain: agent, after_seq: -2 },
      { chain: agent, after_seq: '1' },
      { chain: agent, after_seq: 0.5 },
      { chain: agent, after_seq: 0, max_records: 0 },
      { chain: agent, after_seq: 0, wait_ms: -1 },
      { chain: '*', after: [] },
      { chain: '*', after: { [agent]: 'x' } },
    ];
    for (const body of bad) {
      assert.deepEqual(errorOf(await post('pull', body)), [400, 'bad_request']);
    }
    const padded = JSON.stringify({ chain: '*' }).padEnd(OPP_REQUEST_BYTES_MAX);
    assert.equal((await post('pull', padded)).status, 200);
    assert.deepEqual(errorOf(await post('pull', `${padded} `)), [400, 'bad_request']);
    const unknown = await post('pull', { chain: 's1/no', after_seq: -1 });
    assert.deepEqual(errorOf(unknown), [404, 'unknown_chain']);
    assert.deepEqual(errorOf(await post('nothing')), [404, 'not_found']);
  });

  it('says what is gone', async (t) => {
    const { bed, post, agent } = await serve(t);
    await bed.take('agent', ...Array.from({ length: 300 }, (_, i) => `${i}`.padStart(500, 'x')));
    await post('pull', { chain: agent, after_seq: -1 });
    assert.equal((await post('ack', { chain: agent, seq: 300 })).status, 204);
    const gone = await post('pull', { chain: agent, after_seq: 4 });
    assert.deepEqual(errorOf(gone), [410, 'evicted']);
    const { chain, lost_from, lost_to } = JSON.parse(gone.body.toString()) as JsonObject;
    assert.deepEqual([chain, lost_from, lost_to], [agent, 5, 300]);
  });
});
