/** How far behind detection is said to be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DETECT_LAG_MARKS_MAX } from '@vitrine/schema';
import { Lag } from './lag.ts';

test('the oldest row that was not read says how many seconds', () => {
  const lag = new Lag(10);
  assert.deepEqual([lag.rows, lag.seconds(9_000)], [0, 0]);
  lag.published(20, 1_000);
  lag.published(30, 2_000);
  assert.deepEqual([lag.rows, lag.seconds(4_000)], [20, 3]);
  lag.read(19);
  assert.deepEqual([lag.rows, lag.seconds(4_000)], [11, 3]);
  lag.read(20);
  assert.deepEqual([lag.rows, lag.seconds(4_000)], [10, 2]);
  lag.read(30);
  assert.deepEqual([lag.rows, lag.seconds(4_000)], [0, 0]);
});

test('more batches than are remembered make it say more, never less', () => {
  const lag = new Lag(0);
  for (let i = 1; i <= DETECT_LAG_MARKS_MAX + 2; i++) lag.published(i, i * 1_000);
  const end = (DETECT_LAG_MARKS_MAX + 2) * 1_000;
  lag.read(DETECT_LAG_MARKS_MAX - 1);
  assert.equal(lag.seconds(end), 2);
  lag.read(DETECT_LAG_MARKS_MAX + 1);
  assert.equal(lag.seconds(end), 2);
  lag.read(DETECT_LAG_MARKS_MAX + 2);
  assert.equal(lag.seconds(end), 0);
});
