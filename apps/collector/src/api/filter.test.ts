import assert from 'node:assert/strict';
import { test } from 'node:test';
import { API_PAGE_BYTES_MAX, API_PAGE_MAX } from '@vitrine/schema';
import type { EventFilter, RecordRow } from '@vitrine/store';
import { pageOf, readPage } from './filter.ts';

const ROWS = 40;
const ROW_MS = 4;

test('a page of records that take long lets others have the thread between them', async () => {
  const rows = Array.from({ length: ROWS }, (_, idx) => ({ idx, record: '{}' }) as RecordRow);
  let others = 0;
  const count = (): void => {
    others++;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  const filter = { log: 'default.0.1', size: ROWS, order: 'asc', limit: ROWS + 1 } as const;
  const { items, cursor } = await pageOf(rows, filter, ({ idx }) => {
    const end = performance.now() + ROW_MS;
    while (performance.now() < end);
    return { idx };
  });
  clearImmediate(timer);
  assert.deepEqual([items.length, cursor], [ROWS, null]);
  assert.ok(others >= ROWS / 4, `${others} turns of others beside ${ROWS} rows`);
});

/** All pages of `count` records of so many characters, each page with the rows that were read. */
async function pagesOf(count: number, chars: number): Promise<[items: number, read: number][]> {
  const record = 'x'.repeat(chars);
  const all = Array.from({ length: count }, (_, idx) => ({ idx, record }) as RecordRow);
  const pages: [items: number, read: number][] = [];
  const seen: number[] = [];
  for (let after: number | undefined = -1; after !== undefined; ) {
    let read = 0;
    const filter: EventFilter = {
      ...{ log: 'default.0.1', size: count, order: 'asc', limit: API_PAGE_MAX, after },
    };
    const { rows, asked } = await readPage(filter, (part) => {
      const found = all.slice(part.after! + 1, part.after! + 1 + part.limit);
      read += found.length;
      return Promise.resolve({ rows: found });
    });
    const { items, cursor } = await pageOf(rows, asked, ({ idx }) => ({ idx }));
    seen.push(...items.map((item) => (item as { idx: number }).idx));
    pages.push([items.length, read]);
    after = cursor ?? undefined;
  }
  assert.deepEqual(
    seen,
    all.map(({ idx }) => idx),
  );
  return pages;
}

test('a page of short records is as long as was asked for', async () => {
  assert.deepEqual(await pagesOf(3, 200), [[3, 3]]);
  assert.deepEqual(await pagesOf(API_PAGE_MAX + 1, 200), [
    [API_PAGE_MAX, API_PAGE_MAX],
    [1, 1],
  ]);
});

test('of long records no more are read than fill a page, or a hundred', async () => {
  for (const chars of [65_000, 40_000, 20_000]) {
    const fit = Math.floor(API_PAGE_BYTES_MAX / chars);
    for (const [items, read] of await pagesOf(700, chars)) {
      assert.ok(items <= fit && read <= Math.max(100, fit + 2), `${items} of ${read} read`);
    }
  }
});
