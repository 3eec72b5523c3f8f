/** What a subscription reads of a real store. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { formatCheckpoint, signNote } from '@vitrine/chain';
import { openStore, type Store } from '@vitrine/store';
import { emptyLog, KEY, LOG, openEntry, RelayChain, seal } from '../fixture/log.ts';
import { toRows } from '../insert/row.ts';
import type { PublishedNote } from '../sequence/intents.ts';
import { type SubscribedStream, subscribedBy, subscriptionSource } from './source.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-subscribe-'));
const state = emptyLog();
const chain = new RelayChain('a');
const notes: PublishedNote[] = [];
let store: Store;
/** The batch that is published now; later ones are in the store already. */
let published = 0;

before(async () => {
  store = await openStore({ mode: 'embedded', dir }, () => {});
  const page = (): ReturnType<RelayChain['page']> => chain.page(chain.next('x'), chain.next('y'));
  for (const entries of [[openEntry('a')], [page()], [], [page()]]) {
    const { batch } = seal(state, entries);
    const { size, root } = batch;
    const note = signNote(formatCheckpoint({ origin: KEY.origin, size, root }), KEY);
    const { records, parts } = toRows('default', batch);
    await store.insertBatch(records, parts, [], { log: LOG, size, root, note }, { verify: false });
    notes.push({ size, root, note });
  }
  published = notes.length - 1;
});
after(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

function sourceOf(stream: SubscribedStream) {
  const identity = { log: LOG, origin: KEY.origin, publicUrl: 'http://127.0.0.1:3000' };
  const newest = (): PublishedNote | null => notes[published] ?? null;
  return subscriptionSource(stream, { ...identity, store, state, published: newest });
}

/** All there is, in pages of that many. */
async function readAll(stream: SubscribedStream, page: number) {
  const source = sourceOf(stream);
  const all: Awaited<ReturnType<typeof source.read>> = [];
  for (let at = -1; ; at = all.at(-1)!.index) {
    const items = await source.read(at, page);
    all.push(...items);
    if (items.length < page) return all;
  }
}

describe('a subscription to events', () => {
  it('reads the records of sessions once each, in order, whatever the page', async () => {
    const whole = await readAll('events', 100);
    const kinds = whole.map(({ record }) => record.kind);
    assert.deepEqual(kinds, ['open', 'x', 'y', 'join', 'x', 'y']);
    const indices = whole.map(({ index }) => index);
    assert.deepEqual(
      indices,
      indices.toSorted((a, b) => a - b),
    );
    for (const page of [1, 2, 3, 6]) assert.deepEqual(await readAll('events', page), whole);
  });

  it('says of each where it is, and what is known of it', async () => {
    const [first] = await readAll('events', 1);
    const { id, log, index, leaf, row } = first!;
    assert.equal(id, `${LOG}/${index}`);
    assert.ok(row !== undefined && 'entry' in row);
    assert.equal(row.session, 'a');
    assert.deepEqual([row.entry.log, row.entry.index, row.entry.leaf], [log, index, leaf]);
    assert.deepEqual(row.entry.host, { name: 'host' });
  });

  it('has none before a checkpoint covers it', async () => {
    published = 0;
    assert.deepEqual(
      (await readAll('events', 100)).map(({ record }) => record.kind),
      ['open'],
    );
    assert.equal(await sourceOf('events').tip(), notes[0]!.size - 1);
    published = -1;
    assert.deepEqual(await readAll('events', 100), []);
    assert.equal(await sourceOf('events').tip(), -1);
    published = notes.length - 1;
  });
});

describe('a subscription to checkpoints', () => {
  it('reads each signed note under the leaf before its size', async () => {
    for (const page of [1, 2, 100]) {
      const read = await readAll('checkpoints', page);
      assert.deepEqual(
        read.map(({ index, row }) => [index, row !== undefined && 'note' in row && row.note]),
        notes.map(({ size, note }) => [size - 1, note]),
      );
    }
  });
});

describe('the stream of a section', () => {
  it('is of Kafka alone, and alerts are none', () => {
    assert.equal(subscribedBy({ type: 'kafka', stream: 'events' }), 'events');
    assert.equal(subscribedBy({ type: 'kafka', stream: 'checkpoints' }), 'checkpoints');
    for (const raw of [{ type: 'kafka', stream: 'alerts' }, { type: 'kafka' }, null, 'kafka']) {
      assert.equal(subscribedBy(raw), undefined);
    }
    assert.equal(subscribedBy({ type: 'sentinel', stream: 'events' }), undefined);
  });

  it('makes positions that no other stream takes for its own', () => {
    const origins = (['events', 'checkpoints'] as const).map((stream) => sourceOf(stream).origin);
    assert.equal(new Set([...origins, KEY.origin]).size, 3);
  });
});
