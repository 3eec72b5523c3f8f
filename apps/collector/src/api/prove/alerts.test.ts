import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUNDLE_ALERTS_MAX } from '@vitrine/schema';
import type { EventFilter, RecordRow } from '@vitrine/store';
import { alertsAbout } from './alerts.ts';

test('a bundle has all alerts up to their limit, and the newest beyond it', async () => {
  for (const count of [BUNDLE_ALERTS_MAX, BUNDLE_ALERTS_MAX + 1]) {
    const events = ({ order, limit, subject }: EventFilter): Promise<RecordRow[]> => {
      assert.deepEqual([order, subject], ['desc', 's1']);
      const all = Array.from({ length: count }, (_, n) => ({ idx: count - 1 - n }));
      return Promise.resolve(all.slice(0, limit) as RecordRow[]);
    };
    const rows = await alertsAbout({ events }, 'default.0.1', count, 's1');
    assert.equal(rows.length, BUNDLE_ALERTS_MAX);
    assert.deepEqual([rows[0]?.idx, rows.at(-1)?.idx], [count - BUNDLE_ALERTS_MAX, count - 1]);
  }
});
