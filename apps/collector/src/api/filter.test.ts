import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordRow } from '@vitrine/store';
import { pageOf } from './filter.ts';

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
