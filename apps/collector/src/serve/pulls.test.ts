/** A reader is told what is not kept any more, also where it went a moment ago. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { formatCheckpoint, signNote } from '@vitrine/chain';
import { PULL_AGAIN_MS_MIN } from '@vitrine/schema';
import { openStore, type RecordRow, type Store } from '@vitrine/store';
import { Hosts } from '../api/hosts.ts';
import { Tail } from '../api/tail.ts';
import { emptyLog, KEY, LOG, openEntry, RelayChain, seal } from '../fixture/log.ts';
import { toRows } from '../insert/row.ts';
import type { PublishedNote } from '../sequence/intents.ts';
import { Pulls } from './pulls.ts';
import { pullFilter } from './streams.ts';

const dir = mkdtempSync(join(tmpdir(), 'vitrine-pulls-'));
const state = emptyLog();
let store: Store;
let published: PublishedNote;
/** Leaves below it were taken away. */
let oldest = 0;

before(async () => {
  mkdirSync(join(dir, 'keys'));
  store = await openStore({ mode: 'embedded', dir: join(dir, 'store') }, () => {});
  oldest = seal(state, [openEntry('a')]).batch.size;
  const chain = new RelayChain('a');
  const { batch } = seal(state, [chain.page(chain.next('x'), chain.next('y'))]);
  const { size, root } = batch;
  const note = signNote(formatCheckpoint({ origin: KEY.origin, size, root }), KEY);
  const { records, parts } = toRows('default', batch);
  await store.insertBatch(records, parts, [], { log: LOG, size, root, note }, { verify: false });
  published = { size, root, note };
});
after(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

function pullsOf(t: TestContext, tail = new Tail()) {
  const pulls = new Pulls({
    dataDir: dir,
    publicUrl: 'http://127.0.0.1:3000',
    identity: { log: LOG, origin: KEY.origin },
    store,
    hosts: new Hosts(state),
    tokens: { isValid: () => true },
    tail,
    journal: { append: async () => 0 } as never,
    clock: { nowNs: () => 0n },
    published: () => published,
    print: () => {},
  });
  t.after(() => pulls.stop());
  return (next: number, waitMs = 0) =>
    pulls.serve({
      principal: { id: 't', role: 'auditor', tenant: 'default' },
      filter: pullFilter('events', () => undefined),
      start: { next },
      shape: { limit: 100, bytesMax: 1_000_000, waitMs, inline: false },
      format: 'ndjson',
      parts: null,
      mayParts: false,
      signal: new AbortController().signal,
    });
}

describe('a page', () => {
  it('does not pass over what was taken away since the last look', async (t) => {
    const ask = pullsOf(t);
    // It was looked at when all was there.
    const look = t.mock.method(store.pull, 'oldest', async () => 0, { times: 1 });
    await assert.rejects(ask(0), {
      code: 'CURSOR_EXPIRED',
      message: `leaves 0 to ${oldest - 1} are not kept any more`,
    });
    assert.equal(look.mock.callCount(), 1);
    assert.ok((await ask(oldest)).page.pieces.length > 0);
  });
});

describe('who waits', () => {
  it('looks again at each new checkpoint that may have something, and no sooner', async (t) => {
    const tail = new Tail();
    const ask = pullsOf(t, tail);
    const first = published;
    let looks = 0;
    // A filter that lets through nothing, of a log that never rests.
    t.mock.method(store, 'search', async () => {
      looks++;
      const { size } = published;
      published = { ...published, size: size + 1 };
      tail.publish([{ session: 's', shim: 'in', idx: size } as RecordRow]);
      return { rows: [] };
    });
    t.mock.method(store.pull, 'oldest', async () => 0);
    const { page } = await ask(first.size - 1, 4 * PULL_AGAIN_MS_MIN);
    published = first;
    assert.equal(page.pieces.length, 0);
    // At the beginning, four times until the wait is over, and once where a timer was early.
    assert.ok(looks >= 3 && looks <= 6, `${looks} looks`);
  });
});
