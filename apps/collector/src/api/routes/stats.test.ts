import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { API_PAGE_BYTES_MAX, HISTOGRAM_BUCKETS_MAX } from '@vitrine/schema';
import type { RecordRow } from '@vitrine/store';
import { CollectorRig } from '../../fixture/collector.ts';
import { pageOf, searchedOf } from '../filter.ts';
import { NO_HOST } from '../hosts.ts';
import { eventItem } from '../item.ts';

const rig = new CollectorRig(1_800_000_000_000_000_000n);

before(async () => {
  await rig.start();
  await rig.push('s1', 30);
  await rig.sealed('s1', 29);
});
after(() => rig.remove());

async function body(path: string): Promise<Record<string, unknown>> {
  const { answer, bytes } = await rig.get(path);
  assert.equal(answer.status, 200, String(bytes));
  return JSON.parse(String(bytes)) as Record<string, unknown>;
}

describe('sums over events', () => {
  it('count what the timeline of the session shows', async () => {
    const { items } = (await body('/v1/sessions/s1/events')) as { items: unknown[] };
    const found = await body('/v1/sessions/s1/histogram?buckets=7');
    assert.equal(found.events, items.length);
    const calls = await body('/v1/sessions/s1/histogram?kind=tool.call&from=0&to=1');
    assert.deepEqual([calls.events, calls.width_ns], [30, '1']);
  });

  it('refuse what is no time, no number of buckets, and the wrong way round', async () => {
    const at = (query: string): Promise<[number, string]> => {
      return rig.refused(`/v1/sessions/s1/histogram?${query}`);
    };
    await body(`/v1/sessions/s1/histogram?buckets=${HISTOGRAM_BUCKETS_MAX}&to=${2n ** 63n - 1n}`);
    for (const query of [
      `buckets=${HISTOGRAM_BUCKETS_MAX + 1}`,
      'buckets=0',
      'from=yesterday',
      'from=-1',
      `to=${2n ** 63n}`,
      'from=2&to=1',
    ]) {
      assert.deepEqual(await at(query), [400, 'BAD_REQUEST'], query);
    }
  });

  it('are for those who may read events', async () => {
    const said = await rig.post('/v1/tokens', { role: 'ingest' });
    const { token } = JSON.parse(said) as { token: string };
    const path = '/v1/sessions/s1/histogram';
    assert.deepEqual(await rig.refused(path, token), [403, 'FORBIDDEN']);
  });
});

describe('a page', () => {
  const row = (idx: number, bytes: number): RecordRow => {
    const record = JSON.stringify({ x: 'x'.repeat(bytes - '{"x":""}'.length) });
    return { idx, record, leaf: Buffer.alloc(32) } as RecordRow;
  };
  const itemOf = (row: RecordRow): object => eventItem(row, NO_HOST);
  const filter = { log: 'l', size: 10, order: 'asc', limit: 3 } as const;

  it('ends early where its records are long, and goes on behind its last one', async () => {
    const half = API_PAGE_BYTES_MAX / 2;
    const fits = await pageOf([row(4, half), row(7, half)], filter, itemOf);
    assert.deepEqual([fits.items.length, fits.cursor], [2, null]);
    const over = await pageOf([row(4, half), row(7, half + 1)], filter, itemOf);
    assert.deepEqual([over.items.length, over.cursor], [1, 4]);
    const huge = await pageOf([row(4, 2 * API_PAGE_BYTES_MAX), row(7, 9)], filter, itemOf);
    assert.deepEqual([huge.items.length, huge.cursor], [1, 4]);
    assert.deepEqual(await pageOf([], filter, itemOf), { items: [], cursor: null });
  });

  it('of a search that ran out of time says so, and goes on where it stopped', async () => {
    const rows = [row(4, 20)];
    const partial = { cursor: 7, partial: true, code: 'READ_TIMEOUT' };
    const { items, ...stopped } = (await searchedOf({ rows, stopped: 7 }, filter, itemOf)) as {
      items: unknown[];
    };
    assert.deepEqual([items.length, stopped], [1, partial]);
    assert.deepEqual(
      await searchedOf({ rows }, filter, itemOf),
      await pageOf(rows, filter, itemOf),
    );
    const long = [row(4, API_PAGE_BYTES_MAX), row(5, 20)];
    assert.deepEqual(
      await searchedOf({ rows: long, stopped: 7 }, filter, itemOf),
      await pageOf(long, filter, itemOf),
    );
  });
});
