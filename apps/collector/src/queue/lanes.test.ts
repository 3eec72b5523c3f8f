/** What one sender's flood costs the others: at most its share, and never their turn. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import {
  LANE_ALONE_BYTES_MAX,
  LANE_ALONE_MS,
  LANE_SHARED_BYTES_MAX,
  LANE_WAIT_MS_MAX,
  LANE_WAITING_BYTES_MAX,
} from '@vitrine/schema';
import { CollectorError } from '../error.ts';
import type { PushEntry } from './entry.ts';
import { Journal } from './journal.ts';
import { Lanes } from './lanes.ts';

const ENTRY_BYTES = 65_536;
const SHARE = LANE_SHARED_BYTES_MAX / ENTRY_BYTES;

function push(principal: string, bytes = ENTRY_BYTES - 512): PushEntry {
  const from = { principal, signal: 'logs', contentType: 'json', observed: '1', peer: '' } as const;
  return { kind: 'push', ...from, hash: 'h', body: Buffer.alloc(bytes) };
}

function opened(t: TestContext): Journal {
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-lanes-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const journal = new Journal({ dir, fsync: true, log: () => {} });
  journal.open(0, () => {});
  return journal;
}

describe('lanes', () => {
  it('let nobody wait for more than a share of each other sender', async (t) => {
    const journal = opened(t);
    await journal.append(push('quiet', 1));
    const floods = ['f', 'g', 'h'];
    const flooding = floods.flatMap((who) =>
      Array.from({ length: 4 * SHARE }, () => journal.append(push(who))),
    );
    const place = await journal.append(push('quiet', 1));
    assert.ok(place <= 1 + floods.length * SHARE, `${place} entries are before it`);
    let taken = 0;
    while (taken < 2 + flooding.length) {
      const items = journal.take(Number.POSITIVE_INFINITY);
      for (const { entry, bytes } of items) journal.leave(entry, bytes);
      taken += items.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(flooding);
    await journal.close();
  });

  it('let nobody have more than a share in a batch', async (t) => {
    const journal = opened(t);
    await journal.append(push('quiet', 1));
    const flooding = Array.from({ length: 3 * SHARE }, () => journal.append(push('flood')));
    await Promise.all(flooding.slice(0, SHARE));
    const batch = journal.take(Number.POSITIVE_INFINITY);
    assert.equal(batch.length, 1 + SHARE);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(journal.waitingEntries, 0, 'what is taken still counts');
    for (const { entry, bytes } of batch) journal.leave(entry, bytes);
    await Promise.all(flooding.slice(0, 2 * SHARE));
    assert.equal(journal.waitingEntries, SHARE);
    for (const { entry, bytes } of journal.take(Number.POSITIVE_INFINITY)) {
      journal.leave(entry, bytes);
    }
    await Promise.all(flooding);
    await journal.close();
  });

  it('keep the order of each sender', async (t) => {
    const journal = opened(t);
    const sent = Array.from({ length: 3 * SHARE }, (_, i) => {
      const entry = { ...push(i % 3 === 0 ? 'a' : 'b'), hash: String(i) };
      return journal.append(entry).then(() => i);
    });
    const hashes = new Map<string, number[]>([
      ['a', []],
      ['b', []],
    ]);
    for (let count = 0; count < sent.length; ) {
      for (const { entry, bytes } of journal.take(1)) {
        journal.leave(entry, bytes);
        const { principal, hash } = entry as PushEntry;
        hashes.get(principal)!.push(Number(hash));
        count++;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const own of hashes.values())
      assert.deepEqual(
        own,
        own.toSorted((x, y) => x - y),
      );
    await Promise.all(sent);
    await journal.close();
  });

  it('give one sender alone the whole queue of a batch, and a share once another comes', () => {
    let nowMs = 0;
    const lanes = new Lanes(() => nowMs);
    let admitted = 0;
    const enter = (name: string, bytes: number): void => {
      const admit = (): void => {
        admitted += bytes;
      };
      lanes.enter(name, { bytes, admit, refuse: () => {}, hurried: true });
    };
    for (let i = 0; i < 400; i++) enter('flood', ENTRY_BYTES);
    assert.equal(admitted, LANE_ALONE_BYTES_MAX);
    enter('quiet', 1);
    assert.equal(admitted, LANE_ALONE_BYTES_MAX + 1);
    for (let i = 0; i < LANE_ALONE_BYTES_MAX / ENTRY_BYTES; i++) lanes.leave('flood', ENTRY_BYTES);
    assert.equal(admitted, LANE_ALONE_BYTES_MAX + 1 + LANE_SHARED_BYTES_MAX);
    nowMs += LANE_ALONE_MS + 1;
    lanes.leave('flood', ENTRY_BYTES);
    assert.equal(lanes.waitingBytes, 0, 'it is alone again');
  });

  it('tell a sender to come again before it gives up, and keep pages in their order', () => {
    let nowMs = 0;
    const lanes = new Lanes(() => nowMs);
    const [admitted, refused]: [string[], unknown[]] = [[], []];
    const enter = (name: string, what: string, hurried: boolean): void => {
      const refuse = ({ code }: { code: string }): void => void refused.push([what, code]);
      const admit = (): void => void admitted.push(what);
      lanes.enter(name, { bytes: LANE_ALONE_BYTES_MAX, admit, refuse, hurried });
    };
    for (const what of ['first', 'waits']) enter('push a', what, true);
    for (const what of ['page 1', 'page 2']) enter('pull b', what, false);
    nowMs = LANE_WAIT_MS_MAX - 1;
    enter('push a', 'came later', true);
    lanes.refuseLate();
    assert.deepEqual(refused, []);
    nowMs = LANE_WAIT_MS_MAX;
    lanes.refuseLate();
    assert.deepEqual(refused, [['waits', 'QUEUE_FULL']]);
    assert.equal(lanes.waitingBytes, 2 * LANE_ALONE_BYTES_MAX);
    lanes.leave('push a', LANE_ALONE_BYTES_MAX);
    lanes.leave('pull b', LANE_ALONE_BYTES_MAX);
    assert.deepEqual(admitted, ['first', 'page 1', 'came later', 'page 2']);
    lanes.close(new CollectorError('QUEUE_CLOSED', 'the end'));
  });

  it('refuse who has too much waiting, and nobody else', async (t) => {
    const journal = opened(t);
    await journal.append(push('quiet', 1));
    const waiting: Promise<number>[] = [];
    const entries = (LANE_SHARED_BYTES_MAX + LANE_WAITING_BYTES_MAX) / ENTRY_BYTES;
    for (let i = 0; i < entries; i++) waiting.push(journal.append(push('flood')));
    await assert.rejects(journal.append(push('flood', 4 * ENTRY_BYTES)), { code: 'QUEUE_FULL' });
    await journal.append(push('quiet', 1));
    const closing = Promise.allSettled(waiting);
    await journal.close();
    const last = (await closing).at(-1)!;
    assert.equal(last.status, 'rejected', 'what never had its turn hears so at the end');
  });
});
