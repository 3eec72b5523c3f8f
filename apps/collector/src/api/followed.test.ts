import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type JsonObject, TAIL_BUFFER_BYTES_MAX, TAIL_BUFFER_ROWS_MAX } from '@vitrine/schema';
import { parseQuery } from '@vitrine/schema/query';
import type { EventFilter, RecordRow } from '@vitrine/store';
import { Followed } from './followed.ts';

const RECORD = JSON.stringify({ kind: 'x', http: { host: 'a.example' }, file: { path: '/x/y' } });
/** Costs more than a tenth of a millisecond for each row. */
const DEAR = Array.from({ length: 60 }, (_, n) => `host:a${n}*b`).join(' OR ');

function rowsFrom(first: number, count: number, record = RECORD): RecordRow[] {
  return Array.from({ length: count }, (_, n) => {
    return { idx: first + n, record, session: n % 2 === 0 ? 'a' : 'b' } as RecordRow;
  });
}

function following(q: string, more: Partial<EventFilter> = {}) {
  const sink = new PassThrough();
  const query = parseQuery(q);
  const base = { log: 'default.0.1', size: 0, order: 'asc', limit: 1, ...more } as const;
  const filter = query === null ? base : { ...base, query };
  const itemOf = ({ idx, record }: RecordRow): JsonObject => ({ idx, record });
  const out = new Followed(sink as unknown as ServerResponse, filter, -1, itemOf);
  return { sink, out };
}

function idsOf(text: string): number[] {
  return [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
}

describe('a follower of the tail', () => {
  it('that asks much leaves the thread to others, and misses nothing', async () => {
    const followers = [0, 1, 2].map(() => following(`(${DEAR}) OR kind:x`));
    const texts = followers.map(() => '');
    for (const [n, { sink, out }] of followers.entries()) {
      sink.on('data', (chunk: Buffer) => {
        texts[n] += chunk.toString();
      });
      await out.replayed();
    }
    const rows = rowsFrom(0, 900).map((row) => ({ ...row, kind: 'x' }));
    let turns = 0;
    let longestMs = 0;
    const started = performance.now();
    for (const { out } of followers) assert.equal(out.take(rows), true);
    while (!texts.every((text) => text.includes('\nid: 899\n'))) {
      const began = performance.now();
      await nextTurn();
      longestMs = Math.max(longestMs, performance.now() - began);
      turns++;
      assert.ok(began - started < 30_000, 'it never ends');
    }
    for (const text of texts)
      assert.deepEqual(
        idsOf(text),
        rows.map(({ idx }) => idx),
      );
    const all = performance.now() - started;
    assert.ok(turns >= 10 && longestMs < all / 3, `${turns} turns, ${longestMs} of ${all} ms`);
    for (const { sink } of followers) sink.destroy();
  });

  it('may have so many rows waiting that it asks for, and not one more', async () => {
    for (const [count, isTaken] of [
      [TAIL_BUFFER_ROWS_MAX, true],
      [TAIL_BUFFER_ROWS_MAX + 1, false],
    ] as const) {
      const { sink, out } = following('', { session: 'a' });
      assert.equal(out.take(rowsFrom(0, 2 * count)), true);
      assert.equal(out.take(rowsFrom(2 * count, 1)), isTaken);
      sink.destroy();
    }
  });

  it('is cut off when it leaves too much unread, and sends each row once', async () => {
    const { sink, out } = following('');
    await out.replay(rowsFrom(0, 10));
    assert.equal(out.take(rowsFrom(5, 10)), true);
    await out.replayed();
    assert.deepEqual(idsOf(String(sink.read())), [...Array(15).keys()]);
    const long = JSON.stringify({ x: 'x'.repeat(TAIL_BUFFER_BYTES_MAX / 2) });
    assert.equal(out.take(rowsFrom(20, 3, long)), true);
    for (let turns = 0; out.isOpen && turns < 10_000; turns++) await nextTurn();
    assert.equal(out.isOpen, false);
  });
});
