/** A query through the API: the same answer from every route, page by page and live. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { matcherOf, parseQuery } from '@vitrine/schema/query';
import { CollectorRig } from '../fixture/collector.ts';

const rig = new CollectorRig(1_800_000_000_000_000_000n);
const EVENTS = 60;

interface Item {
  index: number;
  kind: string;
  record: { file?: { path: string } };
}

interface Page {
  items: Item[];
  cursor: number | null;
}

before(async () => {
  await rig.start();
  const session = 'q1';
  await rig.emit(
    Array.from({ length: EVENTS }, (_, i) => ({
      eventName: i % 3 === 0 ? 'file.write' : 'file.read',
      timeUnixNano: String(1_800_000_000_000_000_000n + BigInt(i) * 1_000_000_000n),
      attributes: { 'session.id': session, 'file.path': `/q/${i}`, 'file.bytes': i * 100 },
    })),
  );
  await rig.push('q2', 3);
  await rig.sealed('q1', EVENTS - 1);
  await rig.sealed('q2', 2);
});
after(() => rig.remove());

async function body<T>(path: string): Promise<T> {
  const { answer, bytes } = await rig.get(path);
  assert.equal(answer.status, 200, String(bytes));
  return JSON.parse(String(bytes)) as T;
}

/** All pages of a list. */
async function all(path: string): Promise<Item[]> {
  const items: Item[] = [];
  let after = '';
  for (;;) {
    const page = await body<Page>(`${path}&limit=7${after}`);
    items.push(...page.items);
    if (page.cursor === null) return items;
    after = `&after=${page.cursor}`;
  }
}

const QUERY = 'kind:file.* bytes>=1000 -path:/q/12 (kind:file.write OR path:*3)';

describe('a query', () => {
  it('is answered alike by every list, whole over all pages', async () => {
    const q = encodeURIComponent(QUERY);
    const matches = matcherOf(parseQuery(QUERY));
    const every = await all('/v1/sessions/q1/events?order=asc');
    const wanted = every
      .filter(({ record, index, kind }) => {
        const row = { idx: index, kind, record: JSON.stringify(record) };
        return matches(row as Parameters<typeof matches>[0]);
      })
      .map(({ index }) => index);
    assert.ok(wanted.length > 14 && wanted.length < EVENTS);
    for (const path of ['/v1/sessions/q1/events?', '/v1/events?', '/v1/search?session=q1&']) {
      for (const order of ['asc', 'desc']) {
        const found = (await all(`${path}order=${order}&q=${q}`)).map(({ index }) => index);
        assert.deepEqual(order === 'asc' ? found : found.reverse(), wanted, path);
      }
    }
    for (const path of ['/v1/sessions/q1/histogram?', '/v1/stats/histogram?']) {
      const sum = await body<{ events: number }>(`${path}q=${q}`);
      assert.equal(sum.events, wanted.length, path);
    }
  });

  it('is heard live as well', async () => {
    const q = encodeURIComponent(QUERY);
    const wanted = (await all(`/v1/search?q=${q}`)).map(({ index }) => index);
    const stop = new AbortController();
    const headers = { authorization: `Bearer ${rig.token}` };
    const url = `${rig.collector.api}/v1/tail?after=-1&q=${q}`;
    const answer = await fetch(url, { headers, signal: stop.signal });
    let text = '';
    const heard = (): number[] => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    for await (const chunk of answer.body!) {
      text += Buffer.from(chunk).toString();
      if (heard().length >= wanted.length) break;
    }
    stop.abort();
    assert.deepEqual(heard(), wanted);
  });

  it('that is none is refused, with the place in its text', async () => {
    for (const path of ['/v1/events', '/v1/search', '/v1/tail', '/v1/sessions/q1/histogram']) {
      const { answer, bytes } = await rig.get(`${path}?q=a+hots:x`);
      assert.equal(answer.status, 400, path);
      const { code, at } = JSON.parse(String(bytes)) as { code: string; at: unknown };
      assert.deepEqual([code, at], ['QUERY_FIELD_UNKNOWN', { from: 2, to: 6 }], path);
    }
  });

  it('of a session that is not there finds no session', async () => {
    assert.deepEqual(await rig.refused('/v1/search?session=nobody&q=x'), [404, 'NOT_FOUND']);
    assert.deepEqual((await body<Page>('/v1/search?session=q2&q=nobody')).items, []);
  });
});
